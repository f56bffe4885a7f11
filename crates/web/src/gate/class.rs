//! Classes of requests: who must not wait behind whom.

use axum::http::Method;

/// What a request is to the gate. Shared places are given to officials first, then to acts, then to reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Health, numbers, style sheet and script: answered from memory, and above all when the house is full.
    Vital,
    /// An official at work, whose session is known here.
    Official,
    /// Somebody who sends something: what was typed is worth more than what is looked at.
    Act,
    /// Somebody who looks.
    Read,
    /// Files, letters and drawn pages: slow by their nature, so they are no measure of how busy we are.
    Files,
    /// A password to be looked at.
    Password,
}

impl Class {
    /// All of them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Vital,
        Self::Official,
        Self::Act,
        Self::Read,
        Self::Files,
        Self::Password,
    ];

    /// Its name in metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Vital => "vital",
            Self::Official => "official",
            Self::Act => "act",
            Self::Read => "read",
            Self::Files => "files",
            Self::Password => "password",
        }
    }

    /// The class of a request; `official` says whether its session is known as an official's.
    pub(super) fn of(method: &Method, path: &str, official: impl FnOnce() -> bool) -> Self {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if reads && is_vital(path) {
            Self::Vital
        } else if (path == "/sign-in" || path.starts_with("/mail/")) && !reads {
            Self::Password
        } else if is_file(path) {
            Self::Files
        } else if official() {
            Self::Official
        } else if reads {
            Self::Read
        } else {
            Self::Act
        }
    }
}

fn is_vital(path: &str) -> bool {
    matches!(
        path,
        "/healthz" | "/readyz" | "/metrics" | "/sw.js" | "/favicon.ico"
    ) || path.starts_with("/static/")
}

/// By the shape of the path: a part that says `uploads`, `files`, `documents` …
fn is_file(path: &str) -> bool {
    const PARTS: [&str; 5] = ["/uploads", "/files/", "/documents/", "/opendata/", "/file"];
    PARTS.iter().any(|part| match *part {
        "/file" => path.ends_with(part),
        part => path.contains(part),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_class() {
        let cases = [
            ("GET", "/healthz", false, Class::Vital),
            ("GET", "/static/app-1.css", false, Class::Vital),
            ("POST", "/metrics", false, Class::Act),
            ("POST", "/sign-in", false, Class::Password),
            ("POST", "/mail/x", false, Class::Password),
            ("GET", "/sign-in", false, Class::Read),
            ("GET", "/desk", true, Class::Official),
            ("GET", "/desk", false, Class::Read),
            ("POST", "/apply/a/b", false, Class::Act),
            ("POST", "/api/v1/uploads", true, Class::Files),
            ("GET", "/r/a/b/c/documents/slip/pdf", false, Class::Files),
            ("GET", "/files/1/pages/2", false, Class::Files),
            ("GET", "/opendata/a/b.csv", false, Class::Files),
            ("GET", "/opendata", false, Class::Read),
        ];
        for (method, path, official, class) in cases {
            let method = method.parse().unwrap();
            assert_eq!(Class::of(&method, path, || official), class, "{path}");
        }
    }
}
