//! The receipt that somebody takes home.

use engine::Receipted;
use tsumugi::Running;

/// The number and the receipt, as it is handed out, of something that the business has a number for, once the log is signed so far.
pub(crate) async fn of_business(running: &Running) -> Option<(String, String)> {
    let engine = &running.engine;
    let account = engine.account_by_login("business").await.unwrap().unwrap();
    let actor = engine.actor(&account, None).unwrap();
    for item in engine.my_items(&actor).await.unwrap() {
        let (service, kind) = (&item.service.slug, &item.record_type.name);
        let asked = engine.receipt(&actor, None, service, kind, item.id).await;
        if let (Some(number), Ok(Receipted::Ready { receipt, .. })) = (item.number, asked) {
            return Some((number, serde_json::to_string(&receipt).unwrap()));
        }
    }
    None
}
