//! People at a browser without scripts: a session of their own, pages, and the forms that stand in them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::http::{Answer, Request, encoded};
use crate::world::World;

/// The cookies of one person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn headers(&self) -> Vec<(String, String)> {
        let all = self.cookies.iter();
        let all: Vec<String> = all.map(|(name, value)| format!("{name}={value}")).collect();
        vec![("cookie".into(), all.join("; "))]
    }

    fn keep(&mut self, answer: &Answer) {
        let set = answer
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie");
        for (_, cookie) in set {
            let pair = cookie
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The token that the page's forms carry.
fn csrf(page: &Answer) -> Result<&str> {
    let field = page.text.split_once("name=\"csrf\" value=\"");
    let token = field.and_then(|(_, rest)| rest.split('"').next());
    token.with_context(|| format!("フォームがありません: {}", page.told()))
}

impl World<'_> {
    /// Opens a page as a person who has signed in at the browser.
    ///
    /// # Errors
    /// If the person cannot sign in, or there is no answer.
    pub(crate) fn visit(&mut self, persona: &str, path: &str) -> Result<Answer> {
        if !self.browsers.contains_key(persona) {
            self.sign_in(persona)?;
        }
        self.look_at(persona, path)
    }

    /// Opens a page at somebody's browser, signed in or not.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) fn look_at(&mut self, persona: &str, path: &str) -> Result<Answer> {
        let browser = self.browsers.entry(persona.to_owned()).or_default();
        let answer = self.client.send(&Request {
            method: "GET".into(),
            path: path.into(),
            headers: browser.headers(),
            body: None,
        })?;
        browser.keep(&answer);
        Ok(answer)
    }

    fn sign_in(&mut self, persona: &str) -> Result<()> {
        self.look_at(persona, "/sign-in")?;
        let fields = [("persona", persona), ("next", "/my")];
        let answer = self.fill(persona, "/sign-in", "/sign-in/persona", &fields)?;
        ensure!(answer.status == 303, "入れません: {}", answer.told());
        Ok(())
    }

    /// Posts a form of a page, with the token that the page carries.
    ///
    /// # Errors
    /// If the page has no form, or there is no answer; a refusal is an answer.
    pub(crate) fn fill(
        &mut self,
        persona: &str,
        page: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer> {
        let shown = self.look_at(persona, page)?;
        let fields = fields.iter().copied().chain([("csrf", csrf(&shown)?)]);
        let fields = fields.map(|(name, value)| format!("{name}={}", encoded(value, b"")));
        let body = fields.collect::<Vec<_>>().join("&");
        let browser = self.browsers.entry(persona.to_owned()).or_default();
        let mut headers = browser.headers();
        let form = "application/x-www-form-urlencoded";
        headers.push(("content-type".into(), form.into()));
        let answer = self.client.send(&Request {
            method: "POST".into(),
            path: action.into(),
            headers,
            body: Some(body.into_bytes()),
        })?;
        browser.keep(&answer);
        Ok(answer)
    }
}
