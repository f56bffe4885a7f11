//! What was made lately, up to a weight; the longest unused goes first.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by key, none of them for ever.
pub(super) struct Kept<K, V> {
    most: usize,
    weight: usize,
    turn: u64,
    values: HashMap<K, One<V>>,
}

struct One<V> {
    value: V,
    weight: usize,
    used: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> Kept<K, V> {
    /// With room for so much weight.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            weight: 0,
            turn: 0,
            values: HashMap::new(),
        }
    }

    /// A value, if it is still there.
    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        self.turn += 1;
        let one = self.values.get_mut(key)?;
        one.used = self.turn;
        Some(one.value.clone())
    }

    /// Keeps a value; what is heavier than all the room is not kept.
    pub(super) fn put(&mut self, key: K, value: V, weight: usize) {
        if weight > self.most {
            return;
        }
        self.turn += 1;
        let used = self.turn;
        let one = One {
            value,
            weight,
            used,
        };
        self.weight += weight;
        if let Some(before) = self.values.insert(key, one) {
            self.weight -= before.weight;
        }
        while self.weight > self.most {
            let oldest = self.values.iter().min_by_key(|(_, one)| one.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            if let Some(gone) = self.values.remove(&key) {
                self.weight -= gone.weight;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_was_not_asked_for_longest_goes() {
        let mut kept = Kept::new(10);
        kept.put("a", 1, 4);
        kept.put("b", 2, 4);
        assert_eq!(kept.get(&"a"), Some(1));
        kept.put("c", 3, 4);
        assert_eq!(
            (kept.get(&"a"), kept.get(&"b"), kept.get(&"c")),
            (Some(1), None, Some(3))
        );
        kept.put("d", 4, 11);
        assert_eq!(kept.get(&"d"), None, "heavier than all the room");
    }

    proptest! {
        #[test]
        fn the_room_is_never_overrun_and_the_last_is_there(puts in proptest::collection::vec((0u8..8, 1usize..12), 1..60)) {
            let mut kept = Kept::new(20);
            for (turn, (key, weight)) in puts.into_iter().enumerate() {
                kept.put(key, turn, weight);
                prop_assert_eq!(kept.get(&key), Some(turn));
                prop_assert!(kept.weight <= 20);
                prop_assert_eq!(kept.weight, kept.values.values().map(|one| one.weight).sum::<usize>());
            }
        }
    }
}
