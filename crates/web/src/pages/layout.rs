//! What every page has around it, and how a page becomes an answer.

use super::assets;
use super::look::{self, Look};
use crate::{App, Lang, Signed, i18n};
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The frame of a page.
pub(super) struct Chrome {
    /// Title of the page, without the site's name.
    pub(super) title: String,
    /// Whether the data is a demo's: every page then says 見本.
    pub(super) demo: bool,
    /// Token that forms carry.
    pub(super) csrf: String,
    /// Who is signed in.
    pub(super) who: Option<Person>,
    /// Path and query of the page.
    pub(super) path: String,
    /// Its language.
    pub(super) lang: Lang,
    /// Until when a maintainer who looks at the page is in; none for all others.
    pub(super) in_visit: Option<String>,
    /// Maintainers who are in, on the pages of whoever may let them in.
    pub(super) inside: Vec<String>,
}

/// The person signed in, as the head of the page names them.
pub(super) struct Person {
    pub(super) name: String,
    /// The party for which they act, if another.
    pub(super) acting: Option<String>,
    pub(super) hats: Vec<Hat>,
    pub(super) staff: bool,
    pub(super) admin: bool,
    /// Whether they maintain the product: then they have no desk and no page of their own.
    pub(super) maintains: bool,
}

/// The page in another language.
pub(super) struct Tongue {
    pub(super) tag: &'static str,
    pub(super) name: &'static str,
    pub(super) href: String,
}

impl Tongue {
    fn of(path: &str, lang: Lang) -> Self {
        Self {
            tag: lang.tag(),
            name: lang.name(),
            href: i18n::switch(path, lang),
        }
    }
}

/// Sentences of `static/app.js`.
pub(super) const SCRIPT_WORDS: &[&str] = &[
    "まだ保存していない入力があります。",
    "送っています…",
    "郵便番号は7桁の数字で入れてください。例：190-0023",
    "この郵便番号では見つかりませんでした。住所を直接入れてください。",
    "{0}を入れました。続きを入れてください。",
    "つながっていません。入力の控えがこの端末にあります。つながったら、もう一度押してください。",
    "まだ送っていません。入力の控えがこの端末にあります。",
    "この端末に、送っていない入力の控えがあります（{0}）。",
    "控えを戻す",
    "控えを消す",
    "控えを戻しました。確かめてから送ってください。",
    "この写真の形式（HEIC）は読めません。スマートフォンの設定で「互換性優先」にするか、JPEGにして選び直してください。",
    "写真をJPEGに変えました：{0}",
    "写真を小さくしました：{0}",
    "送っている割合",
    "ファイルを送っています…",
    "送れませんでした。もう一度押してください。",
    "混み合っています。{0}秒後に、自動で送り直します。",
    "送れませんでした。つながりを確かめて、もう一度押してください。入力した内容はこの画面に残っています。",
];

/// A party for which the person may act.
pub(super) struct Hat {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) current: bool,
}

impl Chrome {
    pub(super) fn new(app: &App, signed: &Signed, path: &str, title: impl Into<String>) -> Self {
        let who = signed.account.as_ref().map(|account| Person {
            name: account.name.clone(),
            acting: signed.actor.on_behalf_name.clone(),
            hats: account
                .hats
                .iter()
                .filter(|hat| hat.is_held(app.engine.today()))
                .map(|hat| Hat {
                    id: hat.id.to_string(),
                    name: hat.name.clone(),
                    current: signed.actor.on_behalf_of == Some(hat.id),
                })
                .collect(),
            staff: !account.seats.is_empty(),
            admin: account
                .seats
                .iter()
                .any(|seat| seat.role == "administrator"),
            maintains: engine::maintains(account),
        });
        Self {
            title: title.into(),
            demo: app.demo,
            csrf: signed.csrf.clone(),
            who,
            path: path.to_owned(),
            lang: i18n::current(),
            in_visit: None,
            inside: Vec::new(),
        }
    }

    /// Whether an official looks at the page: theirs have access keys.
    pub(super) fn staff(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.staff)
    }

    pub(super) fn css(&self) -> &'static str {
        assets::css_path()
    }

    pub(super) fn js(&self) -> &'static str {
        assets::js_path()
    }

    pub(super) fn icon(&self) -> &'static str {
        assets::icon_path()
    }

    /// Whether the page stands under this entry of the navigation. A record, and what is done with it, stands under the
    /// desk for officials and under My Page for others.
    pub(super) fn at(&self, entry: &str) -> bool {
        let path = self.path.split('?').next().unwrap_or_default();
        let under = |top: &str| {
            let rest = path.strip_prefix(top);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // An action's form is /my/SERVICE/TYPE/ID/ACTION.
        let case = under("/r") || (under("/my") && path.split('/').count() > 5);
        match entry {
            "/desk" if case => self.staff(),
            "/my" if case => !self.staff(),
            _ => under(entry),
        }
    }

    /// The other languages that the page can be read in; none for an official's.
    pub(super) fn tongues(&self) -> Vec<Tongue> {
        let staff = self.who.as_ref().is_some_and(|who| who.staff);
        if i18n::japanese_only(&self.path, staff) {
            return Vec::new();
        }
        let others = Lang::ALL.into_iter().filter(|lang| *lang != self.lang);
        others.map(|lang| Tongue::of(&self.path, lang)).collect()
    }

    /// The page in every language, for `hreflang`.
    pub(super) fn alternates(&self) -> Vec<Tongue> {
        if self.tongues().is_empty() {
            return Vec::new();
        }
        let every = Lang::ALL.into_iter();
        every.map(|lang| Tongue::of(&self.path, lang)).collect()
    }

    /// The look that was chosen, for `data-look`.
    pub(super) fn look(&self) -> &'static str {
        look::current().name()
    }

    /// The looks to choose from: title, link, whether it is the one now.
    pub(super) fn looks(&self) -> Vec<(&'static str, String, bool)> {
        let one = |look: Look| {
            (
                look.title(),
                look::switch(&self.path, look),
                look == look::current(),
            )
        };
        Look::ALL.into_iter().map(one).collect()
    }

    /// What the script says, in the language of the page; empty in Japanese, which it knows.
    pub(super) fn script_words(&self) -> String {
        if self.lang.japanese() {
            return String::new();
        }
        let words = SCRIPT_WORDS
            .iter()
            .map(|word| ((*word).to_owned(), i18n::say(word).into()));
        serde_json::Value::Object(words.collect()).to_string()
    }

    /// Where a change of hat leads: what one sees depends on it, so a record's page may be gone.
    pub(super) fn home(&self) -> &'static str {
        if self.at("/desk") { "/desk" } else { "/my" }
    }

    /// The sign-in page, leading back here.
    pub(super) fn sign_in(&self) -> String {
        if self.path == "/" || self.at("/sign-in") {
            "/sign-in".into()
        } else {
            format!("/sign-in?next={}", encode(&self.path))
        }
    }
}

pub(super) use crate::percent::path as encode;

/// A rendered page. Personal data must not stay in shared caches: the router's `no-store` stands.
pub(super) fn page<T: Template>(status: StatusCode, template: &T) -> Response {
    match template.render() {
        Ok(html) => answer(status, html),
        Err(error) => {
            tracing::error!(%error, "a template did not render");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
                i18n::say("画面を作れませんでした。").to_owned(),
            )
                .into_response()
        }
    }
}

fn answer(status: StatusCode, html: String) -> Response {
    let lang = i18n::current();
    let html = match lang {
        Lang::Ja | Lang::Easy => html,
        // Chinese shares its letters: what has kana is Japanese, what has none may be either.
        Lang::Zh => i18n::mark_kana(&html),
        Lang::En | Lang::Ko => i18n::mark(&html),
    };
    let headers = [
        (header::CONTENT_LANGUAGE, lang.tag()),
        (header::VARY, "accept-language, cookie"),
    ];
    (status, headers, Html(html)).into_response()
}

/// A page with status 200.
pub(super) fn ok<T: Template>(template: &T) -> Response {
    page(StatusCode::OK, template)
}

/// See Other, so that reloading the next page posts nothing again.
pub(super) fn see(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}

/// The answer, with cookies that the browser is to keep or forget.
pub(super) fn with_cookies(
    mut response: Response,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
