//! The journal as it leaves: the sealed body byte for byte, so that its chains can be checked anywhere, and what is in it.

use super::Leaving;
use crate::codec;
use crate::db::Row;
use crate::failure::Failure;
use crate::keyring::Keys as _;
use crate::read;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kernel::keep::DISPOSE;
use kernel::port::StoreError;
use kernel::{Body, Header, RecordId};
use serde::{Deserialize, Serialize};

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventLine {
    /// Its position in the log of the installation from which it left, from 1.
    pub position: u64,
    /// The plain header.
    pub header: Header,
    /// Code of the authority as the header's canonical form has it.
    pub authority: Option<String>,
    /// The body, opened; none where its key is no more.
    pub body: Option<Body>,
    /// Hash of the record's event before it (hex; zeros for the first).
    pub previous: String,
    /// SHA-256 over the previous hash, the canonical header and the sealed body (hex).
    pub hash: String,
    /// The sealed body (base64).
    pub sealed: String,
}

/// The key under which the bodies of a record are sealed; of one that was disposed of, a second line has that of its
/// certificate.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLine {
    /// The record.
    pub record: RecordId,
    /// The key (hex); none where it was destroyed.
    pub key: Option<String>,
}

impl KeyLine {
    /// The key, if it is there and has its form.
    #[must_use]
    pub fn bytes(&self) -> Option<[u8; 32]> {
        codec::unhex(self.key.as_ref()?).ok()
    }
}

impl std::fmt::Debug for KeyLine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("KeyLine")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

impl Leaving<'_> {
    /// The events that leave, in commit order; with the first of each record its key, with the one that disposed of it that
    /// of its certificate.
    ///
    /// # Errors
    /// If the database cannot be read or an event does not open; or what `each` answers.
    pub fn events<E: From<StoreError>>(
        &self,
        mut each: impl FnMut(EventLine, Option<KeyLine>) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "SELECT {} FROM event WHERE {} ORDER BY position",
            read::columns(),
            self.own("event.service", "event.record")
        );
        self.each(&sql, |row| {
            let (event, key) = self.event(row).map_err(StoreError::from)?;
            each(event, key)
        })
    }

    fn event(&self, row: Row<'_>) -> Result<(EventLine, Option<KeyLine>), Failure> {
        let (stored, evidence) = read::stored_of(row, &self.keys)?;
        let header = stored.event.header;
        let sealed: Vec<u8> = row.get("sealed")?;
        let brings = header.seq == 1 || header.action == DISPOSE;
        let key = brings.then(|| {
            let key = match evidence.is_opened {
                true => Some(codec::hex(&self.keys.key(evidence.key)?)),
                // Of what was disposed of there is none.
                false => None,
            };
            let record = header.record;
            Ok::<_, Failure>(KeyLine { record, key })
        });
        let key = key.transpose()?;
        let line = EventLine {
            position: stored.position,
            header,
            authority: evidence.authority,
            body: evidence.is_opened.then_some(stored.event.body),
            previous: stored.previous,
            hash: stored.hash,
            sealed: BASE64_STANDARD.encode(sealed),
        };
        Ok((line, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use kernel::{ActId, Patch};
    use proptest::prelude::*;
    use serde_json::Value as Json;

    fn json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            ".*".prop_map(Json::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::btree_map(".*", inner, 0..4).prop_map(|members| members
                    .into_iter()
                    .collect::<serde_json::Map<_, _>>()
                    .into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_event_is_one_line_and_is_read_as_it_was_written(
            (name, state, value) in (".*", ".*", json()),
            (seq, at) in (1_u64..1 << 40, -377_705_023_201_i64..253_402_207_200),
            sealed in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let at = jiff::Timestamp::from_second(at).unwrap();
            let id = uuid::Uuid::from_u128(u128::from(seq) << 40);
            let event = EventLine {
                position: seq,
                header: Header {
                    record: RecordId(id),
                    service: "books".into(),
                    record_type: "loan".into(),
                    seq,
                    act: ActId(id),
                    action: name.clone(),
                    recorded_at: at,
                    occurred_at: at,
                    effective_on: date(2026, 11, 22),
                    actor: None,
                    on_behalf_of: None,
                    acted_as: state.clone(),
                    seat_office: Some(name.clone()),
                    definition: "d0".into(),
                },
                authority: None,
                body: Some(Body {
                    actor_name: name,
                    patches: vec![Patch::State(state), Patch::Field { id: "n".into(), value }],
                    ..Body::default()
                }),
                previous: codec::hex(&[0; 32]),
                hash: codec::hex(&[7; 32]),
                sealed: BASE64_STANDARD.encode(&sealed),
            };
            let line = serde_json::to_string(&event).unwrap();
            prop_assert!(!line.contains(['\n', '\r']));
            let read: EventLine = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(BASE64_STANDARD.decode(&read.sealed).unwrap(), sealed);
            prop_assert_eq!(read, event);
        }
    }
}
