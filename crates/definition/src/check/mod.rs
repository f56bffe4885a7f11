//! What only shows when all of a package is there.

mod batch;
mod columns;
mod cycles;
mod demo;
mod doors;
mod forms;
mod guides;
mod internal;
mod invited;
mod reach;
mod states;
mod who;

pub(crate) use columns::check as columns;
pub(crate) use cycles::check as cycles;
pub(crate) use demo::check as demo;
pub(crate) use doors::check as doors;
pub(crate) use guides::check as guides;

use crate::diagnostic::Sink;
use crate::model::RecordType;
use crate::yaml::Node;
use indexmap::IndexMap;

/// One record type with its file.
pub(crate) struct Subject<'a> {
    pub(crate) node: &'a Node,
    pub(crate) rt: &'a RecordType,
    pub(crate) types: &'a IndexMap<String, RecordType>,
    pub(crate) records: &'a IndexMap<String, Node>,
}

/// Checks all record types.
pub(crate) fn types(
    records: &IndexMap<String, Node>,
    types: &IndexMap<String, RecordType>,
    sink: &mut Sink,
) {
    for (name, node) in records {
        let Some(rt) = types.get(name) else { continue };
        let subject = Subject {
            node,
            rt,
            types,
            records,
        };
        states::check(&subject, sink);
        who::check(&subject, sink);
        invited::check(&subject, sink);
        forms::check(&subject, sink);
        internal::check(&subject, sink);
        reach::check(&subject, sink);
        batch::check(&subject, sink);
    }
}
