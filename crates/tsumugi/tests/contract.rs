//! Plays the worked example of the HTTP contract against the real packages, on a clock that stands still.
//! The example is data: `tests/acceptance/contract/transcript.json`.

#![expect(clippy::unwrap_used, reason = "a test fails where it must")]

mod contract_support;

use contract_support::{Player, Transcript};

#[tokio::test]
async fn the_contracts_example_holds_line_by_line() {
    let transcript = Transcript::read("../../tests/acceptance/contract/transcript.json");
    let mut player = Player::start(&transcript.now).await;
    let mut failed = Vec::new();
    for step in &transcript.steps {
        if let Err(why) = player.play(step).await {
            failed.push(format!("{}: {why}", step.say));
            break;
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(transcript.steps.len() > 20);
}
