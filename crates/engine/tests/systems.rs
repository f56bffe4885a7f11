//! Tokens of other systems: what proves who they are, what does not, and what a token is good for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Bench, catalogue, opening};
use engine::systems::{Issued, LOGIN, Scope, SystemRule, TOKEN_SECONDS, TokenFault};
use engine::{Failure, ListRequest};
use jiff::SignedDuration;
use kernel::port::Account;
use kernel::{AccountId, Actor, PartyId, RefusalKind, Seat};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value as Json, json};
use uuid::Uuid;

const US: &str = "https://portal.example/oauth/token";
const SECRET: &str = "5555555555555555555555555555555555555555555555555555555555555555";

struct Key(EcdsaKeyPair, SystemRandom);

impl Key {
    fn new() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap();
        Self(pair, random)
    }

    fn public(&self) -> Json {
        let point = self.0.public_key().as_ref();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": part(&point[1..33]), "y": part(&point[33..])}]})
    }

    fn sign(&self, head: &Json, claims: &Json) -> String {
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let said = format!("{}.{}", part(head), part(claims));
        let signature = self.0.sign(&self.1, said.as_bytes()).unwrap();
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A service in which anybody may begin an application and keep it as a draft.
fn slug() -> String {
    let catalogue = catalogue();
    let mut running = catalogue.services.values();
    let found = running.find(|service| {
        let application = service.types.get("application");
        let drafts = application.is_some_and(|rt| rt.actions.contains_key("save"));
        service.status == definition::model::Status::Running && drafts
    });
    found.unwrap().slug.clone()
}

fn draft() -> Json {
    json!({})
}

fn head() -> Json {
    json!({"alg": "ES256", "typ": "JWT", "kid": "k"})
}

fn claims(bench: &Bench, jti: &str) -> Json {
    let now = bench.engine.now().as_second();
    json!({"iss": "partner", "sub": "partner", "aud": US, "jti": jti, "iat": now, "exp": now + 60})
}

async fn registered(bench: &Bench, key: &Key, scope: &str) -> AccountId {
    let seat = Seat {
        role: "examiner".into(),
        office: None,
        authority: Some("13000".into()),
        municipality: None,
        substitute: None,
    };
    let account = Account {
        id: AccountId(Uuid::from_u128(77)),
        login: format!("{LOGIN}partner"),
        name: "見本システム".into(),
        password: None,
        party: PartyId(Uuid::from_u128(78)),
        hats: Vec::new(),
        seats: vec![seat],
        passes: Vec::new(),
        demo: false,
        closed: None,
    };
    let id = account.id;
    bench.engine.put_account(account).await.unwrap();
    let rule = SystemRule {
        scope: Scope::read(scope).unwrap(),
        keys: key.public(),
    };
    let text = serde_json::to_string(&rule).unwrap();
    let setting = SystemRule::setting("partner");
    use kernel::port::Store as _;
    bench.store.put_setting(&setting, &text).await.unwrap();
    id
}

async fn asked(bench: &Bench, assertion: &str, scope: Option<&str>) -> Result<Issued, TokenFault> {
    let audiences = ["https://portal.example".to_owned(), US.to_owned()];
    let told = bench
        .engine
        .system_token(&audiences, assertion, (scope, SECRET));
    told.await.unwrap()
}

async fn signed_in(bench: &Bench, token: &str) -> Option<engine::SignedIn> {
    bench.engine.signed_in(token).await.unwrap()
}

fn fault(told: Result<Issued, TokenFault>) -> TokenFault {
    told.map(|issued| issued.token).unwrap_err()
}

#[tokio::test]
async fn an_assertion_of_its_own_key_gets_a_token_once() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), catalogue(), 1);
    let key = Key::new();
    registered(&bench, &key, "read:sample act:sample/application/return").await;
    let assertion = key.sign(&head(), &claims(&bench, "one"));
    let issued = asked(&bench, &assertion, None).await.unwrap();
    assert_eq!(
        issued.scope.text(),
        "act:sample/application/return read:sample"
    );
    let signed = signed_in(&bench, &issued.token).await.unwrap();
    assert_eq!(signed.account.name, "見本システム");
    assert_eq!(signed.scope, Some(issued.scope));
    assert_eq!(
        fault(asked(&bench, &assertion, None).await),
        TokenFault::Client("the assertion was used before")
    );
    // Whoever changes what the token is for holds none.
    let wider = Scope::read("read:sample read:other").unwrap();
    let hex: String = wider
        .text()
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let (_, secret) = issued.token.split_once('.').unwrap();
    assert!(
        signed_in(&bench, &format!("{hex}.{secret}"))
            .await
            .is_none()
    );
    // It ends.
    let later = bench
        .engine
        .now()
        .checked_add(SignedDuration::from_secs(TOKEN_SECONDS + 1));
    bench.clock.set(later.unwrap());
    assert!(signed_in(&bench, &issued.token).await.is_none());
}

#[tokio::test]
async fn what_proves_nothing_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), catalogue(), 1);
    let key = Key::new();
    let id = registered(&bench, &key, "read:sample").await;
    let now = bench.engine.now().as_second();
    let with = |name: &str, value: Json| {
        let mut claims = claims(&bench, name);
        claims[name] = value;
        key.sign(&head(), &claims)
    };
    let without = |name: &str| {
        let mut claims = claims(&bench, name);
        claims.as_object_mut().unwrap().remove(name);
        key.sign(&head(), &claims)
    };
    let good = claims(&bench, "good");
    let unsigned = |alg: &str| {
        let part = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string());
        format!("{}.{}.", part(json!({"alg": alg})), part(good.clone()))
    };
    let lies = [
        ("another key", Key::new().sign(&head(), &good)),
        ("no signature", unsigned("none")),
        ("no signature, but a name", unsigned("ES256")),
        ("a shared secret", key.sign(&json!({"alg": "HS256"}), &good)),
        (
            "another algorithm",
            key.sign(&json!({"alg": "RS256"}), &good),
        ),
        (
            "another key's name",
            key.sign(&json!({"alg": "ES256", "kid": "x"}), &good),
        ),
        (
            "another kind",
            key.sign(&json!({"alg": "ES256", "typ": "at+jwt"}), &good),
        ),
        (
            "what we do not know",
            key.sign(&json!({"alg": "ES256", "crit": ["b64"]}), &good),
        ),
        (
            "another audience",
            with("aud", json!("https://other.example/oauth/token")),
        ),
        (
            "two audiences",
            with("aud", json!([US, "https://other.example"])),
        ),
        ("no audience", without("aud")),
        ("another issuer", with("iss", json!("other"))),
        ("nobody", without("sub")),
        ("another client", with("sub", json!("other"))),
        ("no end", without("exp")),
        ("an end that is over", with("exp", json!(now - 61))),
        ("an end that is far", with("exp", json!(now + 361))),
        ("an end in words", with("exp", json!("soon"))),
        ("made tomorrow", with("iat", json!(now + 86_400))),
        ("made yesterday", with("iat", json!(now - 86_400))),
        ("not yet", with("nbf", json!(now + 86_400))),
        ("no name", without("jti")),
        ("an empty name", with("jti", json!(""))),
        ("a long name", with("jti", json!("x".repeat(256)))),
        ("nothing", String::new()),
        ("words", "a.b.c".to_owned()),
        ("much", "a".repeat(64 * 1024)),
    ];
    for (name, lie) in lies {
        let told = fault(asked(&bench, &lie, None).await);
        assert!(matches!(told, TokenFault::Client(_)), "{name}: {told}");
    }
    // None of it has used up the good one's name.
    let good = key.sign(&head(), &good);
    let issued = asked(&bench, &good, None).await.unwrap();
    // Stopped, it gets nothing and what it has ends.
    bench.engine.close_account(id).await.unwrap();
    assert!(signed_in(&bench, &issued.token).await.is_none());
    let again = key.sign(&head(), &claims(&bench, "again"));
    assert!(matches!(
        fault(asked(&bench, &again, None).await),
        TokenFault::Client(_)
    ));
}

#[tokio::test]
async fn a_token_is_for_what_was_asked_within_what_was_registered() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), catalogue(), 1);
    let key = Key::new();
    registered(&bench, &key, "read:sample act:sample/application/return").await;
    let ask = async |jti: &str, scope: &str| {
        let assertion = key.sign(&head(), &claims(&bench, jti));
        asked(&bench, &assertion, Some(scope)).await
    };
    assert_eq!(
        ask("a", "read:sample").await.unwrap().scope.text(),
        "read:sample"
    );
    for (jti, scope) in [
        ("b", "read:other"),
        ("c", "act:sample/application/decide"),
        ("d", "read:sample read:other"),
        ("e", "everything"),
        ("f", " "),
    ] {
        assert_eq!(fault(ask(jti, scope).await), TokenFault::Scope, "{scope}");
    }
    // Not without end in a minute.
    let mut often = 0;
    for at in 0..70 {
        often += usize::from(ask(&format!("n{at}"), "read:sample").await.is_err());
    }
    assert_eq!(often, 11, "60 in a minute, one of them above");
    let later = bench
        .engine
        .now()
        .checked_add(SignedDuration::from_secs(60));
    bench.clock.set(later.unwrap());
    assert!(ask("later", "read:sample").await.is_ok());
}

#[tokio::test]
async fn two_at_once_with_one_assertion_get_one_token_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), catalogue(), 1);
    let key = Key::new();
    registered(&bench, &key, "read:sample").await;
    for round in 0..10 {
        let assertion = key.sign(&head(), &claims(&bench, &format!("r{round}")));
        let ask = || asked(&bench, &assertion, None);
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        let got = [a, b, c].iter().filter(|one| one.is_ok()).count();
        assert!(got <= 1, "{got}");
    }
}

#[tokio::test]
async fn a_system_sees_and_does_no_more_than_its_scope() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path(), catalogue(), 1);
    let slug = slug();
    let owner = bench.person("owner", Vec::new()).await;
    let act = opening(&owner, &slug, "application", "save", draft());
    let kept = bench.engine.perform(act).await.ok().unwrap().view.id;
    let seat = |role: &str| Seat {
        role: role.into(),
        office: None,
        authority: None,
        municipality: None,
        substitute: None,
    };
    let clerk = bench.person("clerk", vec![seat("examiner")]).await;
    let confined = |scope: &str, actor: &Actor| Scope::read(scope).unwrap().confines(actor.clone());
    let lists = async |actor: &Actor| {
        let page = ListRequest::default();
        let found = bench.engine.list(actor, &slug, "application", &page).await;
        found.ok().unwrap().items.len()
    };
    // The owner's own, as a stand-in for what a seat sees: confined, it is not there.
    assert_eq!(lists(&owner).await, 1);
    assert_eq!(lists(&confined("read:other", &owner)).await, 0);
    let elsewhere = confined("read:other", &owner);
    let own = bench
        .engine
        .record(&elsewhere, None, &slug, "application", kept, None);
    assert!(
        matches!(own.await, Err(Failure::Refused(refusal)) if refusal.kind == RefusalKind::NotFound)
    );
    for (scope, done) in [
        (format!("read:{slug}"), false),
        ("act:other/application/save".to_owned(), false),
        (format!("act:{slug}/application/submit"), false),
        (format!("act:{slug}/application/save"), true),
    ] {
        let act = opening(
            &confined(&scope, &clerk),
            &slug,
            "application",
            "save",
            json!({}),
        );
        let told = match bench
            .engine
            .perform(engine::ActRequest {
                dry_run: true,
                ..act
            })
            .await
        {
            Err(Failure::Refused(refusal)) => refusal.title,
            _ => String::new(),
        };
        assert_eq!(
            !told.contains("このシステムに許した操作"),
            done,
            "{scope}: {told}"
        );
    }
}

#[test]
fn requests_of_systems_are_of_few_kinds() {
    let scope = Scope::read("read:a act:b/t/do").unwrap();
    for (method, path) in [
        ("GET", "/api/v1/session"),
        ("GET", "/api/v1/changes"),
        ("GET", "/api/v1/services"),
        ("GET", "/api/v1/services/c"),
        ("GET", "/api/v1/services/a/t"),
        ("GET", "/api/v1/services/a/t/1/history"),
        ("GET", "/api/v1/services/b/t/1"),
        ("POST", "/api/v1/services/b/t"),
        ("POST", "/api/v1/services/b/t/1/actions/do"),
        ("POST", "/api/v1/uploads"),
    ] {
        assert!(scope.lets(method, path), "{method} {path}");
    }
    for (method, path) in [
        ("GET", "/api/v1/services/c/t"),
        ("POST", "/api/v1/services/a/t"),
        ("POST", "/api/v1/services/b/t/runs"),
        ("POST", "/api/v1/services/b/t/imports"),
        ("POST", "/api/v1/services/b/t/1/invitations"),
        ("DELETE", "/api/v1/services/b/t/1/invitations/2"),
        ("GET", "/api/v1/audit/looks"),
        ("GET", "/api/v1/looks"),
        ("GET", "/api/v1/retention"),
        ("POST", "/api/v1/absences"),
        ("GET", "/my"),
        ("GET", "/desk"),
        ("POST", "/hat"),
        ("GET", "/metrics"),
        ("GET", "/"),
    ] {
        assert!(!scope.lets(method, path), "{method} {path}");
    }
    assert!(
        !Scope::read("read:a")
            .unwrap()
            .lets("POST", "/api/v1/uploads")
    );
    for wrong in [
        "read",
        "read:",
        "read:a/b",
        "act:a/b",
        "act:a//c",
        "act:a/b/c/d",
        "write:a",
        "read:あ",
        "read:*",
    ] {
        assert_eq!(Scope::read(wrong), None, "{wrong}");
    }
}
