//! Long forms begin short: runs of empty optional fields are folded.

use super::form::FieldView;
use crate::i18n::{say, with};

/// Fields in sight, or a run of empty optional ones that is folded, so that a long form begins short.
pub(super) struct Block {
    /// Words of the fold; none: in sight.
    pub(super) fold: Option<String>,
    pub(super) key: String,
    pub(super) fields: Vec<FieldView>,
}

/// The shortest run that is folded.
const FOLD: usize = 4;
/// Titles named on a fold.
const NAMED: usize = 3;

pub(super) fn fold(fields: Vec<FieldView>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut run: Vec<FieldView> = Vec::new();
    for field in fields {
        if field.foldable() {
            run.push(field);
            continue;
        }
        close(&mut blocks, &mut run);
        blocks.push(Block {
            fold: None,
            key: String::new(),
            fields: vec![field],
        });
    }
    close(&mut blocks, &mut run);
    blocks
}

fn close(blocks: &mut Vec<Block>, run: &mut Vec<FieldView>) {
    let fields = std::mem::take(run);
    if fields.len() < FOLD {
        blocks.extend(fields.into_iter().map(|field| Block {
            fold: None,
            key: String::new(),
            fields: vec![field],
        }));
        return;
    }
    let named = fields
        .iter()
        .take(NAMED)
        .map(|field| field.title.as_str())
        .collect::<Vec<_>>()
        .join(say("、"));
    let more = if fields.len() > NAMED {
        format!(" {}", with("ほか{0}項目", &[&(fields.len() - NAMED)]))
    } else {
        String::new()
    };
    let key = format!(
        "fold:{}",
        fields
            .first()
            .map(|field| field.name.clone())
            .unwrap_or_default()
    );
    blocks.push(Block {
        fold: Some(format!("{named}{more}")),
        key,
        fields,
    });
}

/// Titles of needed fields in which nothing stands yet.
pub(super) fn missing(fields: &[FieldView]) -> Vec<String> {
    fields
        .iter()
        .filter(|field| field.required && field.empty())
        .map(|field| field.title.clone())
        .collect()
}
