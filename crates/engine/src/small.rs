//! Small numbers (秘匿): what is withheld of a table so that no small group is told, by its own cell or by what the rest and
//! the totals leave over. The one place for it. See `docs/decisions/0047-small-cells.md`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Fewer than so many are not told, where a package says nothing else: the least unit of 厚生労働省's NDB and 介護DB.
pub(crate) const SMALL: u64 = 10;

/// A table of counts: rows, each with as many numbers as there are columns.
pub(crate) struct Counts<'t> {
    /// The numbers.
    pub(crate) rows: &'t [Vec<u64>],
    /// Whether the sums of rows are told too, here or in another table of the same numbers: those that are not small there.
    pub(crate) sums_rows: bool,
    /// Fewer than so many are small.
    pub(crate) least: u64,
}

/// What is withheld.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Withheld {
    /// Cells, by row and column.
    pub(crate) cells: BTreeSet<(usize, usize)>,
    /// Columns whose sum is withheld too.
    pub(crate) sums: BTreeSet<usize>,
}

/// Withholds small cells, and of the others as few as it takes that nobody can tell one of them: not from sums less what is
/// shown, not from several such sums together, and not even that those withheld in a line are few altogether. Nothing (0) is
/// told: it is nobody.
pub(crate) fn withheld(table: &Counts<'_>) -> Withheld {
    let mut found = Withheld::default();
    for (row, numbers) in table.rows.iter().enumerate() {
        for (column, number) in numbers.iter().enumerate() {
            if (1..table.least).contains(number) {
                found.cells.insert((row, column));
            }
        }
    }
    loop {
        let exposed = found.cells.iter().copied();
        let exposed: Vec<_> = exposed.filter(|at| exposes(table, &found, *at)).collect();
        let more = exposed.iter().find_map(|at| cheapest(table, &found, *at));
        // Where nothing is left to hide behind, the sum goes.
        let sum = exposed.iter().map(|(_, column)| *column);
        let sum = sum.filter(|column| !found.sums.contains(column)).min();
        match (more, sum) {
            (Some(more), _) => found.cells.insert(more),
            (None, Some(sum)) => found.sums.insert(sum),
            (None, None) => break,
        };
    }
    // What is not small and follows from the rest all the same hides nothing: telling it tells nothing new.
    let idle = |at: &(usize, usize)| {
        number(table, *at) >= table.least && is_determined(table, &found, *at)
    };
    let idle: Vec<_> = found.cells.iter().copied().filter(idle).collect();
    for at in idle {
        found.cells.remove(&at);
    }
    found
}

/// Whether the sum of a row is told.
fn is_summed(table: &Counts<'_>, row: usize) -> bool {
    let sum = table.rows.get(row).map_or(0, |row| row.iter().sum());
    table.sums_rows && sum >= table.least
}

/// The cells of the lines through a cell whose sums are told: its column, and its row where rows are summed.
fn lines(
    table: &Counts<'_>,
    found: &Withheld,
    (row, column): (usize, usize),
) -> Vec<Vec<(usize, usize)>> {
    let mut lines = Vec::new();
    if !found.sums.contains(&column) {
        lines.push((0..table.rows.len()).map(|row| (row, column)).collect());
    }
    if is_summed(table, row) {
        let columns = table.rows.get(row).map_or(0, Vec::len);
        lines.push((0..columns).map(|column| (row, column)).collect());
    }
    lines
}

fn number(table: &Counts<'_>, (row, column): (usize, usize)) -> u64 {
    let row = table.rows.get(row);
    row.and_then(|row| row.get(column)).copied().unwrap_or(0)
}

fn exposes(table: &Counts<'_>, found: &Withheld, at: (usize, usize)) -> bool {
    let few = |line: &Vec<(usize, usize)>| {
        let hidden = line.iter().filter(|at| found.cells.contains(at));
        hidden.map(|at| number(table, *at)).sum::<u64>() < table.least
    };
    lines(table, found, at).iter().any(few) || is_determined(table, found, at)
}

/// The smallest number that is told in a line through the cell.
fn cheapest(table: &Counts<'_>, found: &Withheld, at: (usize, usize)) -> Option<(usize, usize)> {
    let told = |at: &(usize, usize)| number(table, *at) > 0 && !found.cells.contains(at);
    let least = |cells: Vec<(usize, usize)>| {
        let cells = cells.into_iter().filter(told);
        cells.min_by_key(|at| number(table, *at))
    };
    // The line with the fewest withheld is the one that gives it away.
    let mut through = lines(table, found, at);
    through.sort_by_key(|line| line.iter().filter(|at| found.cells.contains(at)).count());
    through.into_iter().find_map(least)
}

/// Whether a withheld cell follows from what is told, for whoever knows that nothing withheld is nothing. The cells are
/// edges between their row and column; a number may be another exactly if one can go round a circle through its edge, a bit
/// more in one direction, a bit less (of what is at least two) in the other. Lines without a sum all meet in one place.
fn is_determined(table: &Counts<'_>, found: &Withheld, cell: (usize, usize)) -> bool {
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Node {
        Row(usize),
        Column(usize),
        Unsummed,
    }
    let ends = |(row, column): (usize, usize)| {
        let from = match is_summed(table, row) {
            true => Node::Row(row),
            false => Node::Unsummed,
        };
        let to = match found.sums.contains(&column) {
            true => Node::Unsummed,
            false => Node::Column(column),
        };
        (from, to)
    };
    let (from, to) = ends(cell);
    if from == to {
        return false;
    }
    let mut ways: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
    for other in found.cells.iter().filter(|other| **other != cell) {
        let (row, column) = ends(*other);
        ways.entry(row).or_default().push(column);
        if number(table, *other) > 1 {
            ways.entry(column).or_default().push(row);
        }
    }
    let reaches = |start: Node, end: Node| {
        let mut seen = BTreeSet::from([start]);
        let mut open = VecDeque::from([start]);
        while let Some(node) = open.pop_front() {
            if node == end {
                return true;
            }
            for next in ways.get(&node).into_iter().flatten() {
                if seen.insert(*next) {
                    open.push_back(*next);
                }
            }
        }
        false
    };
    // More of this one: back from its column to its row over the others. Less: the other way round.
    !(reaches(to, from) || number(table, cell) > 1 && reaches(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(rows: &[Vec<u64>], sums_rows: bool) -> Withheld {
        withheld(&Counts {
            rows,
            sums_rows,
            least: SMALL,
        })
    }

    #[test]
    fn one_small_cell_takes_a_second_with_it() {
        let rows = [vec![3], vec![40], vec![12]];
        let found = shown(&rows, false);
        assert_eq!(found.cells, BTreeSet::from([(0, 0), (2, 0)]));
        assert!(found.sums.is_empty());
        assert_eq!(
            shown(&[vec![10], vec![0], vec![11]], false),
            Withheld::default()
        );
    }

    #[test]
    fn where_all_are_few_their_sum_goes_too() {
        let found = shown(&[vec![3], vec![4]], false);
        assert_eq!(found.cells.len(), 2);
        assert_eq!(found.sums, BTreeSet::from([0]));
        let alone = shown(&[vec![7]], false);
        assert_eq!(alone.sums, BTreeSet::from([0]));
    }

    /// Every table of the same shape that agrees with what is told: by trying all numbers up to a bound. An oracle that shares
    /// nothing with what it checks.
    fn fits(
        rows: &[Vec<u64>],
        found: &Withheld,
        (sums_rows, least): (bool, u64),
    ) -> BTreeMap<(usize, usize), BTreeSet<u64>> {
        let cells: Vec<(usize, usize)> = found.cells.iter().copied().collect();
        let columns = rows[0].len();
        let mut values: BTreeMap<(usize, usize), BTreeSet<u64>> = BTreeMap::new();
        let mut guess = vec![1_u64; cells.len()];
        let sum_of_row = |table: &dyn Fn((usize, usize)) -> u64, row: usize| {
            (0..columns).map(|column| table((row, column))).sum::<u64>()
        };
        let sum_of_column = |table: &dyn Fn((usize, usize)) -> u64, column: usize| {
            (0..rows.len()).map(|row| table((row, column))).sum::<u64>()
        };
        let truth = |(row, column): (usize, usize)| rows[row][column];
        loop {
            let guessed = |at: (usize, usize)| {
                let place = cells.iter().position(|one| *one == at);
                place.map_or_else(|| truth(at), |place| guess[place])
            };
            let columns_fit = (0..columns).all(|column| {
                found.sums.contains(&column)
                    || sum_of_column(&guessed, column) == sum_of_column(&truth, column)
            });
            let rows_fit = !sums_rows
                || (0..rows.len()).all(|row| {
                    let sum = sum_of_row(&truth, row);
                    sum < least || sum_of_row(&guessed, row) == sum
                });
            if columns_fit && rows_fit {
                for (cell, value) in cells.iter().zip(&guess) {
                    values.entry(*cell).or_default().insert(*value);
                }
            }
            let Some(next) = guess.iter().position(|one| *one < 15) else {
                return values;
            };
            guess[next] += 1;
            guess[..next].fill(1);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// From all that is shown, sums and all, no withheld cell is determined exactly; and no small one is shown.
        #[test]
        fn nothing_withheld_can_be_worked_out(
            rows in prop::collection::vec(prop::collection::vec(prop_oneof![Just(0_u64), 1_u64..4, 4_u64..13], 2), 1..4),
            sums_rows in any::<bool>(),
        ) {
            let least = 4;
            let found = withheld(&Counts { rows: &rows, sums_rows, least });
            for (row, numbers) in rows.iter().enumerate() {
                for (column, number) in numbers.iter().enumerate() {
                    let small = (1..least).contains(number);
                    prop_assert!(!small || found.cells.contains(&(row, column)), "{rows:?} {found:?}");
                }
            }
            if found.cells.len() <= 4 {
                for (cell, values) in fits(&rows, &found, (sums_rows, least)) {
                    prop_assert!(values.len() > 1, "{rows:?} {found:?} {cell:?} is {values:?}");
                }
            }
        }
    }
}
