//! The log against an independent implementation of RFC 6962.

use ct_merkle::InclusionProof;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use evidence::{
    Fault, Growing, Hash, Tile, Tiles, contains, edge, grew, prove_entry, prove_growth,
    tiles_for_entry, tiles_for_growth,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

type Oracle = MemoryBackedTree<Sha256, Vec<u8>>;

fn entry(n: u64) -> Hash {
    Sha256::digest(n.to_be_bytes()).into()
}

/// Keeps tiles as a store does; a tile only ever grows.
fn keep(tiles: &mut Tiles, new: Vec<Tile>) {
    for Tile { name, data } in new {
        let old = tiles.insert(name, data.clone()).unwrap_or_default();
        assert!(data.len() > old.len() && data.starts_with(&old), "{name:?}");
    }
}

/// A log whose tiles were taken at those sizes, and resumed from them each time.
fn grown(sizes: &[u64]) -> Result<(Growing, Tiles, Oracle), Fault> {
    let (mut log, mut tiles, mut oracle) = (Growing::default(), Tiles::new(), Oracle::new());
    for size in sizes {
        while log.size() < *size {
            let entry = entry(log.size());
            oracle.push(entry.to_vec());
            log.push(&entry);
        }
        keep(&mut tiles, log.take());
        assert_eq!(log.take(), Vec::new(), "nothing is told twice");
        log = Growing::resume(*size, |name| tiles.get(&name).cloned())?;
    }
    Ok((log, tiles, oracle))
}

/// Only the tiles that were asked for.
fn picked(tiles: &Tiles, names: std::collections::BTreeSet<evidence::TileName>) -> Tiles {
    assert!(names.len() <= 12, "{} tiles for one proof", names.len());
    names
        .into_iter()
        .map(|name| (name, tiles[&name].clone()))
        .collect()
}

fn sizes() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(1_u64..400, 1..8).prop_map(|steps| {
        let sums = steps.into_iter().scan(0, |sum, step| {
            *sum += step;
            Some(*sum)
        });
        sums.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn root_and_proofs_are_those_of_rfc_6962(sizes in sizes(), pick in any::<prop::sample::Index>()) {
        let (log, tiles, oracle) = grown(&sizes).unwrap();
        let root = oracle.root();
        prop_assert_eq!(log.root().to_vec(), root.as_bytes().to_vec());
        let index = pick.index(usize::try_from(log.size()).unwrap()) as u64;
        let needed = picked(&tiles, tiles_for_entry(index, log.size()).unwrap());
        let proof = prove_entry(&entry(index), index, (log.size(), &log.root()), &needed).unwrap();
        contains(&entry(index), index, (log.size(), &log.root()), &proof).unwrap();
        let theirs = InclusionProof::<Sha256>::from_bytes(proof.concat());
        root.verify_inclusion(&entry(index).to_vec(), index, &theirs).unwrap();
        for wrong in [index + 1, index.wrapping_sub(1)] {
            prop_assert!(contains(&entry(index), wrong, (log.size(), &log.root()), &proof).is_err());
        }
        prop_assert!(contains(&entry(index + 1), index, (log.size(), &log.root()), &proof).is_err());
    }

    #[test]
    fn a_later_log_is_shown_to_begin_with_an_earlier(sizes in sizes(), pick in any::<prop::sample::Index>()) {
        let (log, tiles, _) = grown(&sizes).unwrap();
        let earlier = 1 + pick.index(usize::try_from(log.size()).unwrap()) as u64;
        let (then, _, _) = grown(&[earlier]).unwrap();
        let needed = picked(&tiles, tiles_for_growth(earlier, log.size()).unwrap());
        let (then, now) = (then.root(), log.root());
        let proof = prove_growth((earlier, &then), (log.size(), &now), &needed).unwrap();
        grew((earlier, &then), (log.size(), &now), &proof).unwrap();
        prop_assert!(grew((earlier, &entry(7)), (log.size(), &now), &proof).is_err());
    }

    #[test]
    fn a_changed_tile_proves_nothing_wrong(size in 2_u64..600, pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let (log, tiles, _) = grown(&[size]).unwrap();
        let index = pick.index(usize::try_from(size).unwrap()) as u64;
        let mut needed = picked(&tiles, tiles_for_entry(index, size).unwrap());
        let name = *needed.keys().nth(at.index(needed.len())).unwrap();
        let data = needed.get_mut(&name).unwrap();
        let byte = at.index(data.len());
        data[byte] ^= 1;
        let whole = picked(&tiles, needed.keys().copied().collect());
        let prove = |tiles| prove_entry(&entry(index), index, (size, &log.root()), tiles);
        // Only a byte that the proof does not rest on may change.
        prop_assert!(matches!(prove(&needed), Err(Fault::Proof)) || prove(&needed) == prove(&whole));
    }
}

#[test]
fn a_log_of_three_levels_of_tiles() {
    let (log, tiles, oracle) = grown(&[65_535, 65_536, 65_793, 66_000]).unwrap();
    assert_eq!(log.root().as_slice(), oracle.root().as_bytes().as_slice());
    assert_eq!(edge(log.size()).len(), 3);
    for index in [0, 255, 256, 65_535, 65_536, 65_999] {
        let needed = picked(&tiles, tiles_for_entry(index, log.size()).unwrap());
        let proof = prove_entry(&entry(index), index, (log.size(), &log.root()), &needed).unwrap();
        contains(&entry(index), index, (log.size(), &log.root()), &proof).unwrap();
    }
}

#[test]
fn what_is_missing_or_beyond_is_named() {
    let (log, mut tiles, _) = grown(&[300]).unwrap();
    assert_eq!(
        tiles_for_entry(300, 300),
        Err(Fault::Beyond {
            index: 300,
            size: 300
        })
    );
    assert!(tiles_for_growth(301, 300).is_err() && tiles_for_growth(0, 300).is_err());
    let last = edge(300)[0];
    tiles.remove(&last);
    let missing = Fault::Tile {
        level: last.level,
        number: last.number,
    };
    let proof = prove_entry(&entry(299), 299, (300, &log.root()), &tiles);
    assert_eq!(proof, Err(missing.clone()));
    let resumed = Growing::resume(300, |name| tiles.get(&name).cloned());
    assert_eq!(resumed.map(|log| log.size()), Err(missing));
    assert_eq!(edge(0), []);
    assert_eq!(Growing::default().root(), <Hash>::from(Sha256::digest([])));
}
