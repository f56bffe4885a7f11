//! What a scenario has done so far, and what every step builds on: requests as a persona.

mod registers;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value as Json, json};

use crate::browser::Browser;
use crate::http::{Answer, Client, Request, multipart};
use crate::product::Product;
use crate::steps::{Invited, Letter};
use crate::{picture, value};

/// The name under which the last list can be looked into.
const LIST: &str = "一覧";

/// One scenario under way.
pub(crate) struct World<'a> {
    pub(crate) product: &'a Product<'a>,
    pub(crate) client: Client,
    /// Slug of the package that the scenario belongs to.
    pub(crate) service: String,
    /// Paths of the records that the scenario has named.
    named: BTreeMap<String, String>,
    uploads: BTreeMap<String, String>,
    /// Who acted or looked last.
    actor: Option<String>,
    /// The record that was spoken of last.
    current: Option<String>,
    /// The last answer to an act, a look or a list.
    pub(crate) last: Option<Answer>,
    list: Option<Json>,
    /// A refusal that no step has looked at yet.
    unread: bool,
    count: u32,
    /// The payment gateway's page to which a payer went last.
    pub(crate) payment_page: Option<String>,
    /// Who has signed in at a browser.
    pub(crate) browsers: BTreeMap<String, Browser>,
    /// What owners were given to hand over, by name.
    pub(crate) invited: BTreeMap<String, Invited>,
    /// The letter that was fetched last.
    pub(crate) letter: Option<Letter>,
    /// The text of the page that was opened last, without white space.
    pub(crate) opened_page: Option<String>,
    /// Files that were fetched under a name.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// For whom a persona acts now: the id of the party.
    pub(crate) hats: BTreeMap<String, String>,
}

impl<'a> World<'a> {
    /// A scenario of a package.
    pub(crate) fn new(product: &'a Product<'a>, service: &str) -> Self {
        Self {
            product,
            client: Client::new(product.base.clone()),
            service: service.to_owned(),
            named: BTreeMap::new(),
            uploads: BTreeMap::new(),
            actor: None,
            current: None,
            last: None,
            list: None,
            unread: false,
            count: 0,
            payment_page: None,
            browsers: BTreeMap::new(),
            invited: BTreeMap::new(),
            letter: None,
            opened_page: None,
            files: BTreeMap::new(),
            hats: BTreeMap::new(),
        }
    }

    /// Sends a request as a persona.
    ///
    /// # Errors
    /// If there is no such persona or no answer.
    pub(crate) fn send(&self, persona: &str, request: Request) -> Result<Answer> {
        let bearer = format!("Bearer {}", self.product.token(persona)?);
        let mut request = request;
        request.headers.push(("authorization".into(), bearer));
        if let Some(party) = self.hats.get(persona) {
            request.headers.push(("on-behalf-of".into(), party.clone()));
        }
        self.client.send(&request)
    }

    fn get(&self, persona: &str, path: &str) -> Result<Answer> {
        self.send(
            persona,
            Request {
                method: "GET".into(),
                path: path.into(),
                ..Request::default()
            },
        )
    }

    /// Posts JSON as a persona, under a key of its own.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn post(&mut self, persona: &str, path: &str, body: &Json) -> Result<Answer> {
        self.count += 1;
        let headers = vec![
            ("content-type".into(), "application/json".into()),
            ("idempotency-key".into(), format!("step-{}", self.count)),
        ];
        self.send(
            persona,
            Request {
                method: "POST".into(),
                path: path.into(),
                headers,
                body: Some(body.to_string().into_bytes()),
            },
        )
    }

    /// A page as a persona sees it, whatever its status.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn page(&self, persona: &str, path: &str) -> Result<Answer> {
        self.get(persona, path)
    }

    /// The bytes of a file as a persona gets it.
    ///
    /// # Errors
    /// If it is not given.
    pub(crate) fn file(&self, persona: &str, path: &str) -> Result<Vec<u8>> {
        let answer = self.get(persona, path)?;
        ensure!(answer.ok(), "受け取れません: {}", answer.told());
        Ok(answer.bytes)
    }

    /// The id of an upload by its name.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn uploaded(&self, name: &str) -> Result<&str> {
        let id = self.uploads.get(name).map(String::as_str);
        id.with_context(|| format!("「{name}」というファイルを送っていません"))
    }

    /// Takes an answer as the last one, of which a sentence speaks.
    pub(crate) fn hear(&mut self, answer: Answer) {
        self.unread = !answer.ok();
        self.last = Some(answer);
    }

    /// Posts a form as somebody without a session, as to another company's page.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn form(&self, path: &str, form: &str) -> Result<Answer> {
        let headers = vec![(
            "content-type".into(),
            "application/x-www-form-urlencoded".into(),
        )];
        self.client.send(&Request {
            method: "POST".into(),
            path: path.into(),
            headers,
            body: Some(form.as_bytes().to_vec()),
        })
    }

    /// Sends news of a payment that the gateway did not sign.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn forge(&mut self, reference: &str) -> Result<()> {
        let body = json!({"type": "payment.paid", "timestamp": "2026-11-24T00:00:00Z", "data": {"reference": reference, "payment": "pay_forged", "method": "card", "amount_yen": 1}});
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("content-type", "application/json"),
            header("webhook-id", "msg_forged"),
            header("webhook-timestamp", &self.product.now_seconds().to_string()),
            header(
                "webhook-signature",
                "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            ),
        ];
        let answer = self.client.send(&Request {
            method: "POST".into(),
            path: "/api/v1/payments/webhook".into(),
            headers,
            body: Some(body.to_string().into_bytes()),
        })?;
        self.hear(answer);
        self.product.settle()
    }

    /// A record as payment gateways know it: service, type and id.
    ///
    /// # Errors
    /// If no record has this name.
    pub(crate) fn reference(&self, name: &str) -> Result<String> {
        let path = self.path(name)?;
        Ok(path.trim_start_matches("/api/v1/services/").to_owned())
    }

    /// Says who acts from now on.
    pub(crate) fn acts_now(&mut self, persona: &str) {
        self.actor = Some(persona.to_owned());
    }

    /// Who acts now.
    ///
    /// # Errors
    /// If nobody does.
    pub(crate) fn actor_now(&self) -> Result<String> {
        self.actor.clone().context("まだだれも何もしていません")
    }

    /// Says of which record one speaks from now on.
    pub(crate) fn spoken_of(&mut self, record: &str) {
        self.current = Some(record.to_owned());
    }

    /// Takes an answer to a persona as the last one, and lets what follows from it happen.
    ///
    /// # Errors
    /// If what follows fails.
    pub(crate) fn heard(&mut self, persona: &str, answer: Answer) -> Result<()> {
        self.actor = Some(persona.to_owned());
        self.hear(answer);
        self.product.settle()
    }

    /// Opens a record with an action.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn open(
        &mut self,
        persona: &str,
        service: &str,
        kind: &str,
        action: &str,
        doc: Option<&str>,
    ) -> Result<()> {
        let input = self.input(doc)?;
        let answer = self.post(
            persona,
            &format!("/api/v1/services/{service}/{kind}"),
            &json!({"action": action, "input": input}),
        )?;
        self.heard(persona, answer)
    }

    /// Opens a record for somebody at the counter who has no account.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn open_at_the_counter(
        &mut self,
        persona: &str,
        name: &str,
        kind: &str,
        action: &str,
        doc: Option<&str>,
    ) -> Result<()> {
        let input = self.input(doc)?;
        let party = json!({"kind": "person", "name": name});
        let answer = self.post(
            persona,
            &format!("/api/v1/services/{}/{kind}", self.service),
            &json!({"action": action, "input": input, "party": party}),
        )?;
        self.heard(persona, answer)
    }

    /// Does an action on a record. Without a version, with the one that the persona finds when opening the record now.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn act(
        &mut self,
        persona: &str,
        record: &str,
        action: &str,
        version: Option<u64>,
        doc: Option<&str>,
    ) -> Result<()> {
        let path = self.path(record)?;
        let input = self.input(doc)?;
        let version = match version {
            Some(version) => version,
            None => self
                .get(persona, &path)?
                .json
                .get("version")
                .and_then(Json::as_u64)
                .unwrap_or(1),
        };
        let answer = self.post(
            persona,
            &format!("{path}/actions/{action}"),
            &json!({"version": version, "input": input}),
        )?;
        self.current = Some(record.to_owned());
        self.heard(persona, answer)
    }

    /// Does what a list of acts says, one after another, each of which must succeed: `as`, `do`, and `open` with a type
    /// or `on` with a name; `input`; `name` for the record; `inside` with names of records within it.
    ///
    /// # Errors
    /// At the first that is refused.
    pub(crate) fn in_turn(&mut self, doc: Option<&str>) -> Result<()> {
        let acts = self.input(doc)?;
        for at in 0..acts.as_array().map_or(0, Vec::len) {
            // Read anew: earlier acts give names that later ones use.
            let acts = self.input(doc)?;
            let act = acts.get(at).context("行うことの一覧がありません")?;
            let text = |key: &str| act.get(key).and_then(Json::as_str);
            let (who, what) = text("as")
                .zip(text("do"))
                .with_context(|| format!("as と do が要ります: {act}"))?;
            let input = act.get("input").map(Json::to_string);
            match (text("open"), text("on")) {
                (Some(kind), _) => {
                    let service = self.service.clone();
                    self.open(who, &service, kind, what, input.as_deref())?;
                }
                (None, Some(record)) => self.act(who, record, what, None, input.as_deref())?,
                (None, None) => bail!("open か on が要ります: {act}"),
            }
            self.nothing_unread()
                .with_context(|| format!("{}つ目: {act}", at + 1))?;
            if let Some(name) = text("name") {
                self.name_last(name)?;
            }
            let inside = act.get("inside").and_then(Json::as_object);
            for (name, path) in inside.into_iter().flatten() {
                let base = text("name").or(text("on")).context("name が要ります")?;
                self.name_inside(base, path.as_str().unwrap_or_default(), name)?;
            }
        }
        Ok(())
    }

    /// Looks at a record, now or as of a day.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn look(&mut self, persona: &str, record: &str, as_of: Option<&str>) -> Result<()> {
        let query = as_of.map(|day| format!("?as_of={day}")).unwrap_or_default();
        let answer = self.get(persona, &format!("{}{query}", self.path(record)?))?;
        self.current = Some(record.to_owned());
        self.heard(persona, answer)
    }

    /// Whether a persona may answer for a record: the status of asking for the ticket.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn review_status(&self, persona: &str, record: &str) -> Result<u16> {
        Ok(self
            .get(persona, &format!("{}/review", self.path(record)?))?
            .status)
    }

    /// Takes the ticket of a record that has ended and answers the user review, as nobody.
    ///
    /// # Errors
    /// If there is no ticket; a refusal of the answer is an answer.
    pub(crate) fn review(&mut self, persona: &str, record: &str, doc: Option<&str>) -> Result<()> {
        let ticket = self.get(persona, &format!("{}/review", self.path(record)?))?;
        let input = self.input(doc)?;
        let body = json!({"ticket": ticket.json["ticket"], "input": input});
        let answer = self.post(persona, "/api/v1/reviews", &body)?;
        self.current = Some(record.to_owned());
        self.heard(persona, answer)
    }

    /// Lists a record type, of another service as `service/type`.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn list(&mut self, persona: &str, kind: &str, query: Option<&str>) -> Result<()> {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let place = match kind.contains('/') {
            true => kind.to_owned(),
            false => format!("{}/{kind}", self.service),
        };
        let answer = self.get(persona, &format!("/api/v1/services/{place}{query}"))?;
        self.list = Some(answer.json.clone());
        self.heard(persona, answer)
    }

    /// Asks a colleague to decide for somebody who will be away.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn name_substitute(
        &mut self,
        persona: &str,
        substitute: &str,
        role: &str,
        until: &str,
    ) -> Result<()> {
        let body = serde_json::json!({
            "role": role, "substitute": substitute, "until": until, "reason": "trip",
        });
        let answer = self.post(persona, "/api/v1/absences", &body)?;
        self.heard(persona, answer)
    }

    /// One act over all rows of a view: tried, or done. The run stands as the last list.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn run(
        &mut self,
        words: &regex::Captures<'_>,
        doc: Option<&str>,
        dry_run: bool,
    ) -> Result<()> {
        let word = |n: usize| words.get(n).map_or("", |found| found.as_str());
        let (persona, kind, view, action) = (word(1), word(2), word(3), word(4));
        let query = if dry_run { "?dry_run=true" } else { "" };
        let path = format!("/api/v1/services/{}/{kind}/runs{query}", self.service);
        let input = self.input(doc)?;
        let body = serde_json::json!({"action": action, "view": view, "input": input});
        let answer = self.post(persona, &path, &body)?;
        self.list = Some(answer.json.clone());
        self.heard(persona, answer)
    }

    /// Uploads a picture and keeps its id under a name.
    ///
    /// # Errors
    /// If the upload is refused.
    pub(crate) fn upload(&mut self, persona: &str, file: &str, name: &str) -> Result<()> {
        let picture = picture::png(self.count)?;
        self.send_file(persona, (file, "image/png", &picture), name)
    }

    /// Uploads a file: its name, media type and content.
    ///
    /// # Errors
    /// If the upload is refused.
    pub(crate) fn send_file(
        &mut self,
        persona: &str,
        (file, media_type, content): (&str, &str, &[u8]),
        name: &str,
    ) -> Result<()> {
        self.count += 1;
        let (content_type, body) = multipart(file, media_type, content);
        let headers = vec![
            ("content-type".into(), content_type),
            ("idempotency-key".into(), format!("step-{}", self.count)),
        ];
        let request = Request {
            method: "POST".into(),
            path: "/api/v1/uploads".into(),
            headers,
            body: Some(body),
        };
        let answer = self.send(persona, request)?;
        ensure!(
            answer.status == 201,
            "アップロードが断られました: {}",
            answer.told()
        );
        let id = answer
            .json
            .get("id")
            .and_then(Json::as_str)
            .context("アップロードの応答に id がありません")?;
        self.uploads.insert(name.to_owned(), id.to_owned());
        Ok(())
    }

    /// Names the record of the last answer.
    ///
    /// # Errors
    /// If there was no answer with a record.
    pub(crate) fn name_last(&mut self, name: &str) -> Result<()> {
        let answer = self.last.as_ref().context("まだ何も開いていません")?;
        ensure!(answer.ok(), "記録がありません。応答は {}", answer.told());
        let part = |key: &str| {
            answer
                .json
                .get(key)
                .and_then(Json::as_str)
                .with_context(|| format!("応答に {key} がありません: {}", answer.told()))
        };
        let path = format!(
            "/api/v1/services/{}/{}/{}",
            part("service")?,
            part("type")?,
            part("id")?
        );
        self.name(name, path);
        Ok(())
    }

    fn name(&mut self, name: &str, path: String) {
        self.named.insert(name.to_owned(), path);
        self.current = Some(name.to_owned());
    }

    /// Names a record that stands in another: a child, a link, an item of the list.
    ///
    /// # Errors
    /// If there is no record at that place.
    pub(crate) fn name_inside(&mut self, base: &str, path: &str, name: &str) -> Result<()> {
        let json = self.read(base)?;
        let found = value::at(&json, path)
            .with_context(|| format!("{base} の {path} がありません: {json}"))?;
        let text = |key: &str| found.get(key).and_then(Json::as_str);
        let href = found
            .as_str()
            .or_else(|| text("href"))
            .map(str::to_owned)
            .or_else(|| {
                let service = text("service").unwrap_or(&self.service);
                Some(format!(
                    "/api/v1/services/{service}/{}/{}",
                    text("type")?,
                    text("id")?
                ))
            });
        let href = href
            .filter(|href| href.starts_with("/api/"))
            .with_context(|| format!("{base} の {path} は記録ではありません: {found}"))?;
        self.name(name, href);
        Ok(())
    }

    /// A record, read anew as whoever acted last; or the last list.
    ///
    /// # Errors
    /// If it cannot be seen.
    pub(crate) fn read(&mut self, name: &str) -> Result<Json> {
        if name == LIST {
            return self.list.clone().context("まだ何も一覧していません");
        }
        let actor = self.actor.clone().context("まだだれも何もしていません")?;
        let answer = self.get(&actor, &self.path(name)?)?;
        self.current = Some(name.to_owned());
        ensure!(
            answer.ok(),
            "{actor} が {name} を読めません: {}",
            answer.told()
        );
        Ok(answer.json)
    }

    /// The names of the actions in a record's history, read as whoever acted last. Without a name: of the record
    /// that was spoken of last.
    ///
    /// # Errors
    /// If it cannot be seen.
    pub(crate) fn history(&self, name: Option<&str>) -> Result<Vec<String>> {
        let name = name
            .or(self.current.as_deref())
            .context("どの記録の履歴か、まだ決まっていません")?;
        let actor = self
            .actor
            .as_deref()
            .context("まだだれも何もしていません")?;
        let answer = self.get(actor, &format!("{}/history", self.path(name)?))?;
        ensure!(
            answer.ok(),
            "{actor} が {name} の履歴を読めません: {}",
            answer.told()
        );
        let items = answer
            .json
            .get("items")
            .and_then(Json::as_array)
            .context("履歴に items がありません")?;
        Ok(items
            .iter()
            .filter_map(|item| item.get("action").and_then(Json::as_str))
            .map(str::to_owned)
            .collect())
    }

    /// The status that a persona gets for a record. Not remembered: the persona only tries.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn status_for(&self, persona: &str, record: &str) -> Result<u16> {
        Ok(self.get(persona, &self.path(record)?)?.status)
    }

    /// The last answer, from now on looked at.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn answer(&mut self) -> Result<&Answer> {
        self.unread = false;
        self.last.as_ref().context("まだ応答がありません")
    }

    /// Refuses to go on over a refusal that no step expected.
    ///
    /// # Errors
    /// If there is one.
    pub(crate) fn nothing_unread(&self) -> Result<()> {
        match &self.last {
            Some(answer) if self.unread => bail!("この前の操作が断られています: {}", answer.told()),
            _ => Ok(()),
        }
    }

    pub(crate) fn path(&self, name: &str) -> Result<String> {
        let known = || self.named.keys().cloned().collect::<Vec<_>>().join("、");
        self.named
            .get(name)
            .cloned()
            .with_context(|| format!("記録 {name} はまだありません。あるのは {}", known()))
    }

    /// The input of a step: its JSON with `{名前}` replaced by the id of that upload or record.
    fn input(&self, doc: Option<&str>) -> Result<Json> {
        let mut text = doc.unwrap_or("{}").to_owned();
        let records = self
            .named
            .iter()
            .filter_map(|(name, path)| Some((name.as_str(), path.rsplit('/').next()?)));
        let uploads = self
            .uploads
            .iter()
            .map(|(name, id)| (name.as_str(), id.as_str()));
        for (name, id) in records.chain(uploads) {
            text = text.replace(&format!("{{{name}}}"), id);
        }
        serde_json::from_str(&text).with_context(|| format!("手順の JSON を読めません: {text}"))
    }
}
