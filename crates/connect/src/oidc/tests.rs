//! What is believed and what is not. The round over HTTP runs against a real provider in `tests/browser`.

use super::settings::{IdentitySettings, Outside};
use super::{claims, token};
use engine::ProviderFault;
use engine::jose::{self, Parts};
use jiff::Timestamp;
use kernel::Assurance;
use serde_json::{Map, Value as Json, json};
use std::path::Path;

/// Tokens of another implementation (npm `jose`), one for each algorithm, with the keys that made them.
const TOKENS: &str = include_str!("tokens.json");

fn tokens() -> Vec<(jose::Key, String)> {
    let all: Vec<Json> = serde_json::from_str(TOKENS).unwrap();
    let one = |one: &Json| {
        let set = json!({ "keys": [one["key"]] }).to_string();
        let key = jose::keys(&set).unwrap().remove(0);
        (key, one["token"].as_str().unwrap().to_owned())
    };
    all.iter().map(one).collect()
}

#[test]
fn tokens_of_every_algorithm_are_proved_by_their_own_key_alone() {
    let all = tokens();
    assert_eq!(all.len(), 5);
    for (at, (_, token)) in all.iter().enumerate() {
        for (other, (key, _)) in all.iter().enumerate() {
            let parts = Parts::of(token).unwrap();
            let name = parts.algorithm.clone();
            let proved = parts.proved(key);
            if at == other {
                assert_eq!(proved.unwrap()["sub"], name);
            } else {
                assert!(proved.is_err(), "{name} by the key {other}");
            }
        }
    }
}

#[test]
fn a_token_that_was_changed_proves_nothing() {
    for (key, token) in tokens() {
        let (head, rest) = token.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        for changed in [
            format!("{head}.eyJzdWIiOiJldmUifQ.{signature}"),
            format!("{head}.{rest}A"),
            token.replacen('.', "..", 1),
            String::new(),
            "a.b.c".into(),
        ] {
            let proved = Parts::of(&changed).and_then(|parts| parts.proved(&key));
            assert!(proved.is_err(), "{changed}");
        }
    }
    // {"alg":"none"}, and one that is too long.
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ.";
    let key = &tokens()[0].0;
    assert!(Parts::of(none).unwrap().proved(key).is_err());
    assert!(Parts::of(&"a".repeat(40_000)).is_err());
}

fn said(changes: Json) -> Map<String, Json> {
    let mut said = json!({
        "iss": "https://issuer.example", "aud": "us", "sub": "x", "nonce": "n", "iat": 1_800_000_000, "exp": 1_800_000_300,
    });
    let (into, changes) = (said.as_object_mut().unwrap(), changes);
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            into.remove(name);
        } else {
            into.insert(name.clone(), value.clone());
        }
    }
    into.clone()
}

fn expected(second: i64) -> token::Expected<'static> {
    token::Expected {
        issuer: "https://issuer.example",
        client: "us",
        now: Timestamp::from_second(1_800_000_000 + second).unwrap(),
    }
}

#[test]
fn an_id_token_is_for_us_now_and_for_this_round() {
    let good = |changes: Json, second| token::identity(&said(changes), &expected(second), "n");
    for (changes, second) in [
        (json!({}), 0),
        (json!({}), 359),
        (json!({}), -60),
        (json!({ "aud": ["us"] }), 0),
        (json!({ "aud": ["us", "them"], "azp": "us" }), 0),
        (json!({ "iat": 1_800_000_000.5 }), 0),
    ] {
        assert_eq!(good(changes.clone(), second), Ok(()), "{changes} {second}");
    }
    for (changes, second) in [
        (json!({}), 360),
        (json!({}), -61),
        (json!({ "exp": 1_900_000_000 }), 661),
        (json!({ "exp": null }), 0),
        (json!({ "iat": null }), 0),
        (json!({ "iss": "https://issuer.example/" }), 0),
        (json!({ "aud": "them" }), 0),
        (json!({ "aud": ["us", "them"] }), 0),
        (json!({ "aud": ["us", "them"], "azp": "them" }), 0),
        (json!({ "azp": "them" }), 0),
        (json!({ "nonce": "m" }), 0),
        (json!({ "nonce": null }), 0),
        (json!({ "sub": null }), 0),
        (json!({ "sub": "" }), 0),
    ] {
        assert!(good(changes.clone(), second).is_err(), "{changes} {second}");
    }
}

#[test]
fn a_logout_token_says_that_it_is_one() {
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let out = |changes: Json, kind| {
        let mut all = said(json!({ "nonce": null, "jti": "1", "events": event }));
        all.extend(changes.as_object().unwrap().clone());
        token::out(&all, kind, &expected(0))
    };
    let told = out(json!({ "sid": "s" }), Some("logout+jwt")).ok().unwrap();
    assert_eq!(
        (told.subject.as_deref(), told.session.as_deref()),
        (Some("x"), Some("s"))
    );
    assert!(out(json!({}), None).is_ok());
    assert!(out(json!({ "nonce": "n" }), None).is_err());
    assert!(out(json!({ "events": {} }), None).is_err());
    assert!(out(json!({}), Some("at+jwt")).is_err());
    assert!(out(json!({ "exp": 1_700_000_000 }), None).is_err());
}

fn settings(text: &str) -> Result<IdentitySettings, String> {
    let outside = Outside {
        name: "identity.yaml",
        file: &|path: &Path| match path.to_str() {
            Some("secret.txt") => Ok("geheim\n".into()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        },
        environment: &|name| (name == "SECRET").then(|| "geheim".to_owned()),
    };
    IdentitySettings::read(text, &outside).map_err(|error| error.to_string())
}

const GBIZ: &str = r#"
providers:
  gbizid:
    title: GビズID
    for: businesses
    issuer: https://gbiz-id.go.jp/oauth/
    client: tsumugi
    secret: { file: secret.txt }
    scopes: [profile, user]
    userinfo: true
    claims: { name: [user_last_nm, user_first_nm], corporate_number: corporate_number, corporation: name }
    only: { account_type: ["2", "3"] }
    levels:
      - { when: { account_type: "2" }, identity: 2, authentication: 2 }
"#;

#[test]
fn claims_mean_what_is_declared() {
    let provider = settings(GBIZ).unwrap().providers.remove(0);
    let claims = |account: Json, number: &str| {
        let all = json!({
            "sub": "s", "account_type": account, "corporate_number": number, "name": "株式会社見本",
            "user_last_nm": "佐藤", "user_first_nm": " 花子 ", "roles": ["administrator"],
        });
        all.as_object().unwrap().clone()
    };
    let prime = claims::read(&provider, &claims(json!(2), "7123456789012")).ok();
    let prime = prime.unwrap();
    assert_eq!(prime.name.as_deref(), Some("佐藤 花子"));
    let corporation = ("7123456789012".to_owned(), "株式会社見本".to_owned());
    assert_eq!(prime.corporation, Some(corporation));
    assert_eq!(prime.assurance.identity, 2);
    assert!(prime.seats.is_empty(), "no claim gives a seat by itself");
    let member = claims::read(&provider, &claims(json!("3"), ""))
        .ok()
        .unwrap();
    assert_eq!(member.assurance, Assurance::PASSWORD);
    assert_eq!(member.corporation, None);
    let fault = |account: Json, number| claims::read(&provider, &claims(account, number)).err();
    assert_eq!(fault(json!("1"), ""), Some(ProviderFault::NotThese));
    assert!(matches!(
        fault(json!("2"), "1123456789012"),
        Some(ProviderFault::Unproven(_))
    ));
}

#[test]
fn a_settings_file_is_whole_or_says_what_is_missing() {
    for (from, to, word) in [
        ("for: businesses", "for: everybody", "residents"),
        ("https://gbiz-id.go.jp", "http://gbiz-id.go.jp", "https"),
        ("file: secret.txt", "file: gone.txt", "gone.txt"),
        ("file: secret.txt", "environment: GONE", "GONE"),
        ("secret: {", "key: {", "JWK"),
        ("for: businesses", "for: officials", "seats"),
        ("identity: 2", "identity: 4", "0 から 3"),
        (", corporation: name", "", "corporation"),
        ("gbizid:", "password:", "名前"),
        ("title:", "titel:", "titel"),
    ] {
        assert!(GBIZ.contains(from));
        let error = settings(&GBIZ.replace(from, to)).err();
        let error = error.unwrap_or_else(|| panic!("{to} passes"));
        assert!(error.contains(word), "{to}: {error}");
        assert!(!error.contains("geheim"), "{error}");
    }
    assert!(settings(&GBIZ.replace("file: secret.txt", "environment: SECRET")).is_ok());
    assert!(settings("providers: {}").is_err());
}
