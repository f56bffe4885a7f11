//! What an action demands of how surely its actor is known (`assurance:`), and what is said to who falls short.

use crate::act::Actor;
use crate::identity::Assurance;
use crate::refusal::{Fault, Refusal, RefusalKind};
use crate::who::acting_as;
use definition::model::{Action, IndividualRule, RecordType, Who};

/// What an action demands of somebody who takes it in a capacity. Officials are asked for authentication alone: who
/// they are, whoever appointed them has made sure. So is a clerk who keys in for somebody at the counter, whose papers
/// the clerk looks at. Nothing is demanded of the platform itself.
#[must_use]
pub fn demanded(action: &Action, actor: &Actor, who: &Who) -> Assurance {
    if actor.system || *who == Who::System {
        return Assurance::default();
    }
    let vouched = actor.counter || matches!(who, Who::Desk(_));
    Assurance {
        identity: if vouched {
            0
        } else {
            action.assurance.identity
        },
        authentication: action.assurance.authentication,
    }
}

/// What an action demands of an actor who is known less surely; none where they are known surely enough.
#[must_use]
pub fn short(action: &Action, actor: &Actor, who: &Who) -> Option<Assurance> {
    let demanded = demanded(action, actor, who);
    (!actor.assurance.reaches(demanded)).then_some(demanded)
}

/// The same for an action that opens a record, before there is one; none too where they may not open it at all.
#[must_use]
pub fn short_of_opening(rt: &RecordType, action: &Action, actor: &Actor) -> Option<Assurance> {
    let who = acting_as(rt, action, actor, None)?;
    short(action, actor, &who)
}

/// What reading an individual number (個人番号) demands of an official who is known less surely; none where they are known
/// surely enough. As for actions of officials: authentication alone.
#[must_use]
pub fn short_of_number(rule: &IndividualRule, actor: &Actor) -> Option<Assurance> {
    let demanded = Assurance {
        identity: 0,
        authentication: rule.assurance.authentication,
    };
    (!actor.assurance.reaches(demanded)).then_some(demanded)
}

/// The refusal of somebody who sits at a browser and did not prove a moment ago who they are, where that is demanded.
#[must_use]
pub fn stale() -> Refusal {
    let remedy = "「ご本人の確認」の画面（/my/sign-in/prove）で、パスキーか認証アプリなどでもう一度確かめてください。";
    Refusal::new(
        RefusalKind::Unassured,
        "これを見るには、いまここにいるのがご本人であることの、新しい確認が必要です。".to_owned(),
        vec![Fault::new(
            "/actor/assurance/authentication".to_owned(),
            "assurance",
            remedy.to_owned(),
        )],
    )
}

/// The refusal of an actor who is known less surely than what they want to do, by its title, demands. It names what is lacking and how it is mended.
#[must_use]
pub fn refusal(title: &str, actor: &Actor, demanded: Assurance) -> Refusal {
    let known = actor.assurance;
    let lacking = [
        (
            "identity",
            "身元確認",
            (demanded.identity, known.identity),
            "本人確認書類などで身元を確かめてあるログイン方法で、ログインし直してください。",
        ),
        (
            "authentication",
            "当人認証",
            (demanded.authentication, known.authentication),
            "パスキーか認証アプリなどで、もう1つの確認を加えてください。",
        ),
    ];
    let faults = lacking
        .into_iter()
        .filter(|(.., (demanded, known), _)| known < demanded)
        .map(|(name, title, (demanded, known), remedy)| {
            Fault::new(
                format!("/actor/assurance/{name}"),
                "assurance",
                format!("{title}保証レベル{demanded}が必要です（いまは{known}）。{remedy}"),
            )
        })
        .collect();
    Refusal::new(
        RefusalKind::Unassured,
        format!("「{title}」には、いまのログインよりも確かなご本人の確認が必要です。"),
        faults,
    )
}
