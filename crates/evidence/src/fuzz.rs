//! No text makes the readers of heads, keys, receipts and addresses panic.

use crate::{Head, LogKey, Receipt, TileName, Verifier};
use fuzzed::fuzz_text;

fn log() -> (LogKey, String) {
    let key = LogKey::new("tsumugi.example/log", &[7; 32]).unwrap();
    let head = key
        .sign_head(&Head {
            size: 12,
            root: [9; 32],
            at: jiff::Timestamp::UNIX_EPOCH,
        })
        .unwrap();
    (key, head)
}

#[test]
fn heads_and_keys() {
    let (key, head) = log();
    let verifier = key.verifier().to_string();
    fuzz_text(
        "heads",
        &[&head, &verifier],
        &["\n\n", "— ", "+", "18446744073709551615"],
        |text| {
            let _ = (
                key.verifier().head(text).is_ok(),
                Verifier::new(text).is_ok(),
            );
        },
    );
}

#[test]
fn receipts() {
    let (key, head) = log();
    let seed = serde_json::json!({
        "format": "tsumugi-receipt-1", "statement": head, "header": {}, "sealed": "AAAA", "proof": ["AAAA"], "checkpoint": head, "key": key.verifier().to_string(),
    });
    fuzz_text(
        "receipts",
        &[&seed.to_string()],
        &["AAAA", "\"proof\":[", "\\n"],
        |text| {
            if let Ok(receipt) = Receipt::read(text) {
                let _ = receipt.verify(key.verifier()).is_ok();
            }
        },
    );
}

#[test]
fn addresses_of_tiles() {
    fuzz_text(
        "tiles",
        &["0/x001/067", "entries/000.p/12", "8/x255/x255/x255/255"],
        &["x", ".p/", "/"],
        |text| {
            let (level, place) = text.split_once('/').unwrap_or((text, ""));
            let _ = TileName::read(level, place);
        },
    );
}
