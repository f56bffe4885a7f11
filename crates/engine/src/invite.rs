//! 続きを頼む: links and codes by which an owner lets another person go on with a record. The link names the record and
//! carries a secret; the store keeps digests in the record's own events, so that nothing more is needed to find,
//! count, end and prove an invitation.

use crate::perform::{IdempotencyKey, MAX_TRIES, busy};
use crate::view::RecordView;
use crate::{ActRequest, Engine, Failure};
use definition::model::RecordType;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::invite::{
    ACCEPTED, Accept, Invitation, MISSED, OFFERED, Offer, REVOKED, Standing, Taken,
};
use kernel::port::Committed;
use kernel::{Act, Actor, Decision, Facts, RecordId, Refusal, Snapshot};
use serde::Serialize;
use serde_json::Map;
use std::sync::Arc;
use uuid::Uuid;

/// Whether a decision is the answer to the request's key.
const KEY: bool = true;
const NO_KEY: bool = false;
/// Characters of a record's id in a link.
const ID_CHARS: usize = 32;

/// What an owner asks for.
pub struct InviteRequest {
    /// Who.
    pub actor: Actor,
    /// Service slug.
    pub service: String,
    /// Record type.
    pub record_type: String,
    /// The record.
    pub record: RecordId,
    /// Role; none where the type invites into one alone.
    pub role: Option<String>,
    /// Whom the owner means, in the owner's words.
    pub to: String,
    /// Mail address to which the link is sent; none if the owner hands it over.
    pub mail: Option<String>,
    /// Fresh random text for the link, never kept.
    pub secret: String,
    /// Fresh random digits, never kept.
    pub code: String,
    /// `Idempotency-Key`.
    pub idempotency: Option<IdempotencyKey>,
}

/// What an owner gets, once.
pub struct InvitedView {
    /// The invitation.
    pub invitation: InvitationView,
    /// Path that it opens and the code; none when the first answer is given again, since they are not kept.
    pub secrets: Option<(String, String)>,
    /// Whether the mail was taken; none if none was asked for.
    pub mailed: Option<bool>,
}

/// An invitation as an owner, or whoever accepted it, sees it. Names do not print.
#[derive(Clone, Serialize)]
pub struct InvitationView {
    /// Its id.
    pub id: Uuid,
    /// Role.
    pub role: String,
    /// Title of the role.
    pub role_title: String,
    /// Whom the owner means.
    pub to: String,
    /// When it was made.
    #[serde(serialize_with = "crate::invite::at")]
    pub at: Timestamp,
    /// The last day (Asia/Tokyo) on which it can be accepted.
    pub until: Date,
    /// `open`, `accepted`, `revoked`, `spent`, `expired`.
    pub standing: &'static str,
    /// Wrong codes that may still be given.
    pub tries: u8,
    /// Name of whoever accepted.
    pub accepted_by: Option<String>,
    /// Whether it is the reader who accepted it.
    pub own: bool,
}

/// What a link opens before its code is given: nothing of the record but its kind.
pub struct Knock {
    /// Title of the service.
    pub service: String,
    /// Title of the record's type.
    pub title: String,
    /// What the invited person will be.
    pub role_title: String,
    /// The last day on which it can be accepted.
    pub until: Date,
    /// Why it cannot be accepted, if so.
    pub obstacle: Option<String>,
    /// Where the record stands, for who has accepted it already.
    pub record: Option<(String, String, RecordId)>,
}

pub(crate) fn at<S: serde::Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&crate::view::tokyo(*at))
}

/// Title of an act upon an invitation, in histories.
pub(crate) fn title(action: &str) -> Option<&'static str> {
    Some(match action {
        OFFERED => "続きを頼む",
        ACCEPTED => "続きを引き受ける",
        MISSED => "招待の番号のまちがい",
        REVOKED => "続きを頼むのを取りやめる",
        _ => return None,
    })
}

/// The invitations that the actor sees: all as an owner, else their own.
pub(crate) fn of(
    facts: &Facts,
    rt: &RecordType,
    snapshot: &Snapshot,
    actor: &Actor,
) -> Vec<InvitationView> {
    let owner = actor.system || kernel::invite::owner_role(rt, actor, snapshot).is_some();
    let party = actor.party_in(rt);
    let own = |one: &Invitation| {
        one.standing == Standing::Accepted
            && party.is_some()
            && one.guest.as_ref().map(|guest| guest.party) == party
    };
    let all = snapshot.invitations.iter();
    all.filter(|one| owner || own(one))
        .map(|one| view(rt, one, facts.now, own(one)))
        .collect()
}

fn view(rt: &RecordType, one: &Invitation, now: Timestamp, own: bool) -> InvitationView {
    let rule = rt.parties.get(&one.role);
    InvitationView {
        id: one.id,
        role: one.role.clone(),
        role_title: rule.map_or_else(|| one.role.clone(), |rule| rule.title.clone()),
        to: one.to.clone(),
        at: one.at,
        until: one.last_day(),
        standing: match one.standing {
            Standing::Open if one.is_open(now) => "open",
            Standing::Open => "expired",
            Standing::Accepted => "accepted",
            Standing::Revoked => "revoked",
            Standing::Spent => "spent",
        },
        tries: one.tries,
        accepted_by: one.guest.as_ref().map(|guest| guest.name.clone()),
        own,
    }
}

impl Engine {
    /// Who was invited to go on with a record.
    ///
    /// # Errors
    /// 404 for who does not see it.
    pub async fn invitations(
        &self,
        actor: &Actor,
        (service, record_type): (&str, &str),
        id: RecordId,
    ) -> Result<Vec<InvitationView>, Failure> {
        let view = self.record(actor, None, service, record_type, id, None);
        Ok(view.await?.invitations)
    }

    /// Invites somebody. The link and the code are in the answer and nowhere else.
    ///
    /// # Errors
    /// What stands in the way; then nothing has changed and no mail is sent.
    pub async fn invite(&self, request: InviteRequest) -> Result<InvitedView, Failure> {
        let address = match request.mail.as_deref().map(str::trim) {
            Some(mail) if !mail.is_empty() => Some(self.mail_address(mail)?),
            _ => None,
        };
        let token = format!("{}{}", request.record.0.simple(), request.secret);
        let offer = Offer {
            role: request.role.clone(),
            to: request.to.clone(),
            link: digest("link", &token),
            code: code_digest(&token, &request.code),
        };
        let mut asked = asking(
            &request.actor,
            (&request.service, &request.record_type),
            request.record,
            OFFERED,
        );
        asked.idempotency.clone_from(&request.idempotency);
        if let Some(known) = self.offered_before(&asked).await? {
            return Ok(known);
        }
        // Tried first, so that a mail is counted only for an invitation that can be made.
        if address.is_some() {
            let (facts, act) = self.gathered(&mut asked).await?;
            kernel::invite::offer(&facts, &act, &offer)?;
            self.count_mail(&asked.actor).await?;
        }
        let decided = self.carried_out(&mut asked, |facts, act| {
            Ok((kernel::invite::offer(facts, act, &offer)?, KEY))
        });
        let Some((facts, act)) = decided.await? else {
            return self.offered_before(&asked).await?.ok_or_else(busy);
        };
        let (rt, snapshot) = subject(&facts)?;
        let made = snapshot.invitations.iter().find(|one| one.id == act.id.0);
        let invitation = made
            .map(|one| view(rt, one, facts.now, false))
            .ok_or_else(Failure::not_found)?;
        let path = format!("/invite/{token}");
        let mailed = match &address {
            Some(address) => Some(
                self.mail_link(address, &path, &rt.title, by(&asked.actor))
                    .await,
            ),
            None => None,
        };
        Ok(InvitedView {
            invitation,
            secrets: Some((path, request.code)),
            mailed,
        })
    }

    /// Ends an invitation, accepted or not: whoever stood in the role by it sees the record no more.
    ///
    /// # Errors
    /// 404 where there is none that is the actor's to end.
    pub async fn revoke_invitation(
        &self,
        actor: &Actor,
        kind: (&str, &str),
        record: RecordId,
        id: Uuid,
    ) -> Result<(), Failure> {
        let mut asked = asking(actor, kind, record, REVOKED);
        self.carried_out(&mut asked, |facts, act| {
            Ok((kernel::invite::revoke(facts, act, id)?, KEY))
        })
        .await?;
        Ok(())
    }

    /// What a link opens, before its code.
    ///
    /// # Errors
    /// 404 for what is no link of an invitation.
    pub async fn knock(&self, actor: &Actor, token: &str) -> Result<Knock, Failure> {
        let snapshot = self.behind(token).await?;
        let link = digest("link", token);
        let service = self.governing(&snapshot).await?;
        let rt = crate::registry::record_type(&service, &snapshot.record_type)?;
        let mut all = snapshot.invitations.iter();
        let invitation = all
            .find(|one| one.link == link)
            .ok_or_else(Failure::not_found)?;
        let party = actor.party_in(&rt);
        let is_guest = invitation.standing == Standing::Accepted
            && party.is_some()
            && invitation.guest.as_ref().map(|guest| guest.party) == party;
        let obstacle = kernel::invite::acceptable(invitation, self.clock.now())
            .and_then(|()| kernel::invite::still(&rt, &invitation.role, &snapshot));
        let role = rt.parties.get(&invitation.role);
        Ok(Knock {
            service: service.title.clone(),
            title: rt.title.clone(),
            role_title: role.map(|rule| rule.title.clone()).unwrap_or_default(),
            until: invitation.last_day(),
            obstacle: obstacle.err().map(|refusal| refusal.title),
            record: is_guest.then(|| {
                (
                    snapshot.service.clone(),
                    snapshot.record_type.clone(),
                    snapshot.id,
                )
            }),
        })
    }

    /// Accepts an invitation: the actor is a party of the record from then on.
    ///
    /// # Errors
    /// 404 for what is no link of an invitation; why it cannot be accepted; a wrong code, which is counted.
    pub async fn accept_invitation(
        &self,
        actor: &Actor,
        token: &str,
        code: &str,
        idempotency: Option<IdempotencyKey>,
    ) -> Result<RecordView, Failure> {
        if actor.account.is_none() {
            return Err(Failure::not_found());
        }
        let snapshot = self.behind(token).await?;
        let code = japanese::text::to_half(code.trim());
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let given = Accept {
            link: digest("link", token),
            code: code_digest(token, &code),
        };
        if code.is_empty() {
            let detail = "頼んだ方から受け取った番号を入れてください。";
            return Err(Failure::invalid("/input/code", "required", detail));
        }
        let kind = (snapshot.service.as_str(), snapshot.record_type.as_str());
        let mut asked = asking(actor, kind, snapshot.id, ACCEPTED);
        asked.idempotency = idempotency;
        if let Some(outcome) = self.repeat(&asked).await? {
            return Ok(outcome.view);
        }
        let mut wrong = None;
        let decided = self.carried_out(&mut asked, |facts, act| {
            match kernel::invite::accept(facts, act, &given)? {
                Taken::Accepted(decision) => {
                    wrong = None;
                    Ok((decision, KEY))
                }
                Taken::Missed(decision, refusal) => {
                    wrong = Some(refusal);
                    Ok((decision, NO_KEY))
                }
            }
        });
        decided.await?;
        if let Some(refusal) = wrong {
            return Err(refusal.into());
        }
        let view = self.record(actor, None, kind.0, kind.1, snapshot.id, None);
        view.await
    }

    /// The record that a link names; whether the link is good is still to be asked.
    async fn behind(&self, token: &str) -> Result<Snapshot, Failure> {
        let id = token
            .get(..ID_CHARS)
            .and_then(|id| Uuid::try_parse(id).ok());
        let id = id.map(RecordId).ok_or_else(Failure::not_found)?;
        let found = self.store.snapshots(&[id]).await?.into_iter().next();
        found.ok_or_else(Failure::not_found)
    }

    /// The first answer to an idempotency key, without what was not kept.
    async fn offered_before(&self, asked: &ActRequest) -> Result<Option<InvitedView>, Failure> {
        let Some(outcome) = self.repeat(asked).await? else {
            return Ok(None);
        };
        let mut all = outcome.view.invitations.into_iter().rev();
        Ok(all.next().map(|invitation| InvitedView {
            invitation,
            secrets: None,
            mailed: None,
        }))
    }

    async fn gathered(&self, asked: &mut ActRequest) -> Result<(Facts, Act), Failure> {
        let at = self.clock.now();
        let record = asked.record.ok_or_else(Failure::not_found)?;
        let facts = self.facts_for(asked, &Map::new()).await?;
        crate::perform::stand_in(asked, &facts);
        let id = kernel::ActId(self.ids.uuid(at));
        Ok((facts, self.act(asked, Map::new(), (id, record), at)))
    }

    /// Decides and commits, anew when the record moved; none if the key was answered meanwhile. With the decision goes
    /// whether the request's key stands for it: what is refused to the asker is asked anew.
    async fn carried_out(
        &self,
        asked: &mut ActRequest,
        mut decide: impl FnMut(&Facts, &Act) -> Result<(Decision, bool), Refusal>,
    ) -> Result<Option<(Facts, Act)>, Failure> {
        for _ in 0..MAX_TRIES {
            let (mut facts, act) = self.gathered(asked).await?;
            let again = |facts: &Facts| decide(facts, &act);
            let decided = self.decided(&mut facts, again, |(decision, _)| decision);
            let (decision, keyed) = decided.await??;
            let facts = Arc::new(facts);
            if !keyed {
                asked.idempotency = None;
            }
            let commit = self.prepared(asked, &facts, &act, decision);
            match self.store.commit(commit).await? {
                Committed::Done(snapshots) => {
                    self.wake.notify_one();
                    // An invitation may be to act for somebody, or the end of it.
                    self.sessions.forget_all();
                    let mut facts = Arc::unwrap_or_clone(facts);
                    facts.record = snapshots.into_iter().find(|one| one.id == act.record);
                    return Ok(Some((facts, act)));
                }
                Committed::Moved(_) => {}
                Committed::Repeated(_) => return Ok(None),
                other => return Err(self.refused(&asked.actor, other).await?.into()),
            }
        }
        Err(busy())
    }
}

fn asking(
    actor: &Actor,
    (service, record_type): (&str, &str),
    record: RecordId,
    action: &str,
) -> ActRequest {
    ActRequest {
        actor: actor.clone(),
        purpose: None,
        service: service.to_owned(),
        record_type: record_type.to_owned(),
        record: Some(record),
        action: action.to_owned(),
        input: Map::new(),
        version: None,
        dry_run: false,
        idempotency: None,
        run: None,
    }
}

fn subject(facts: &Facts) -> Result<(&RecordType, &Snapshot), Failure> {
    let snapshot = facts.record.as_ref().ok_or_else(Failure::not_found)?;
    let rt = facts.service.types.get(&snapshot.record_type);
    Ok((rt.ok_or_else(Failure::not_found)?, snapshot))
}

/// Who invites, as the invited person knows them.
fn by(actor: &Actor) -> &str {
    actor.on_behalf_name.as_deref().unwrap_or(&actor.name)
}

/// The code is short; its digest covers the link too, so that who reads the store cannot try all codes.
fn code_digest(token: &str, code: &str) -> String {
    digest("code", &format!("{token}/{code}"))
}

fn digest(what: &str, secret: &str) -> String {
    crate::hash::sha256(format!("invitation {what}/{secret}").as_bytes())
}
