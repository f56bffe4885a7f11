//! What goes into a register as a whole and comes out of it: imports and publications.

use super::World;
use crate::http::{Answer, Request, multipart};
use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

impl World<'_> {
    /// Makes a publication's edition of today.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn publish(&mut self, persona: &str, publication: &str) -> Result<()> {
        let path = format!(
            "/api/v1/services/{}/publications/{publication}/editions",
            self.service
        );
        let answer = self.post(persona, &path, &json!({}))?;
        self.heard(persona, answer)
    }

    /// The rows of a publication as everybody may fetch them, today's or a past day's.
    ///
    /// # Errors
    /// If it is refused, or holds no rows.
    pub(crate) fn published(&self, publication: &str, as_of: Option<&str>) -> Result<Vec<Json>> {
        let query = as_of.map(|day| format!("&as_of={day}")).unwrap_or_default();
        let list = format!(
            "/api/3/action/package_show?id={}--{publication}",
            self.service
        );
        let package = self.anybody(&list)?;
        ensure!(package.ok(), "公開されていません: {}", package.told());
        let path = format!(
            "/opendata/{}/{publication}.json?{}",
            self.service,
            query.trim_start_matches('&')
        );
        let answer = self.anybody(path.trim_end_matches('?'))?;
        ensure!(answer.ok(), "公開されていません: {}", answer.told());
        answer
            .json
            .as_array()
            .cloned()
            .context("一覧ではありません")
    }

    /// A page or file as anybody gets it.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn anybody(&self, path: &str) -> Result<Answer> {
        self.client.send(&Request {
            method: "GET".into(),
            path: path.into(),
            ..Request::default()
        })
    }

    /// Imports the lines of a file: previewed, then carried out; the last answer is what came of it.
    ///
    /// # Errors
    /// If there is no answer; a refusal is an answer.
    pub(crate) fn import(
        &mut self,
        persona: &str,
        import: &str,
        kind: &str,
        text: &str,
    ) -> Result<()> {
        self.count += 1;
        let (content_type, body) = multipart("一覧.csv", "text/csv", text.as_bytes());
        let upload = Request {
            method: "POST".into(),
            path: "/api/v1/uploads".into(),
            headers: vec![("content-type".into(), content_type)],
            body: Some(body),
        };
        let upload = self.send(persona, upload)?;
        ensure!(upload.ok(), "アップロードが断られました: {}", upload.told());
        let path = format!("/api/v1/services/{}/{kind}/imports", self.service);
        let asked = json!({"import": import, "upload": upload.json.get("id")});
        let preview = self.post(persona, &path, &asked)?;
        let id = preview
            .json
            .get("id")
            .and_then(Json::as_str)
            .map(str::to_owned);
        let Some(id) = id else {
            return self.heard(persona, preview);
        };
        // It is looked through by the worker, as is all that takes its time.
        self.product.settle()?;
        let begun = self.post(persona, &format!("{path}/{id}/go"), &json!({}))?;
        self.heard(persona, begun)?;
        let ended = self.get(persona, &format!("{path}/{id}"))?;
        self.name("取込み", format!("{path}/{id}"));
        self.heard(persona, ended)
    }
}
