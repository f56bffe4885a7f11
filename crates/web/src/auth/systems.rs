//! The doors at which other systems get tokens (RFC 6749, client credentials; RFC 7523), give them back (RFC 7009), and find
//! out how (RFC 8414). They speak as those standards say, not as our API does.

use super::{Whence, throttle};
use crate::face::{Face, Routes};
use crate::{App, Problem};
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json};
use engine::systems::{TOKEN_SECONDS, TokenFault};
use serde_json::{Value, json};
use std::sync::Arc;

const TOKEN: &str = "/oauth/token";
const REVOKE: &str = "/oauth/revoke";
const GRANT: &str = "client_credentials";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Routes of the doors.
pub(super) fn router(face: Face) -> Routes {
    Routes::new(face)
        .route(TOKEN, post(token))
        .route(REVOKE, post(revoke))
        .route("/.well-known/oauth-authorization-server", get(metadata))
}

/// A refusal as RFC 6749, 5.2 says it.
struct Refused {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    wait: Option<u32>,
}

impl Refused {
    const fn request(description: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error: "invalid_request",
            description,
            wait: None,
        }
    }

    /// Whoever has not proved who they are is not told what lacks; the log is.
    const fn client() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "The client is not known, or its assertion does not prove that it is the one.",
            wait: None,
        }
    }

    const fn later(seconds: u32) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            error: "temporarily_unavailable",
            description: "Too many requests. Try again after Retry-After.",
            wait: Some(seconds),
        }
    }

    fn of(fault: TokenFault) -> Self {
        match fault {
            TokenFault::Client(_) => Self::client(),
            TokenFault::Often => Self::later(60),
            TokenFault::Scope => Self {
                status: StatusCode::BAD_REQUEST,
                error: "invalid_scope",
                description: "The scope is none, or not one of those that the client was registered for.",
                wait: None,
            },
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let mut response = (self.status, kept_by_nobody(), Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.wait {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Why a door stays shut: for what was sent, or for a fault of ours.
enum Stop {
    Refused(Refused),
    Fault(Problem),
}

impl From<Refused> for Stop {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl<F: Into<Problem>> From<F> for Stop {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refused) => refused.into_response(),
            Self::Fault(problem) => problem.into_response(),
        }
    }
}

fn kept_by_nobody() -> [(HeaderName, &'static str); 2] {
    [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ]
}

/// What a system sends: each parameter once.
struct Asked(Vec<(String, String)>);

type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

impl Asked {
    fn of(sent: Sent) -> Result<Self, Refused> {
        let Ok(Form(pairs)) = sent else {
            return Err(Refused::request(
                "Send a form (application/x-www-form-urlencoded).",
            ));
        };
        let names: std::collections::BTreeSet<&String> =
            pairs.iter().map(|(name, _)| name).collect();
        if names.len() < pairs.len() {
            return Err(Refused::request("A parameter came twice."));
        }
        Ok(Self(pairs))
    }

    /// A parameter; an empty one counts as left out.
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(one, _)| one == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The assertion, and the client that it says to be from.
    fn assertion(&self) -> Result<(&str, String), Refused> {
        if self.get("client_assertion_type") != Some(ASSERTION) {
            return Err(Refused::client());
        }
        let assertion = self.get("client_assertion").ok_or_else(Refused::client)?;
        let client = engine::Engine::client_of(assertion).ok_or_else(Refused::client)?;
        match self.get("client_id") {
            Some(other) if other != client => Err(Refused::client()),
            _ => Ok((assertion, client)),
        }
    }
}

/// For whom an assertion may be: our name, or the door itself.
fn audiences(app: &App, door: &str) -> Vec<String> {
    let issuer = app.issuer();
    vec![issuer.to_owned(), format!("{issuer}{door}")]
}

/// Goes on unless this place has tried this name in vain too often; a name alone is never kept waiting.
async fn waited(app: &App, client: &str, place: &str) -> Result<(), Stop> {
    match throttle::wait_seconds(&app.engine, client, place).await? {
        Some(seconds) => Err(Refused::later(seconds).into()),
        None => Ok(()),
    }
}

/// The answer to a fault, once it is counted.
async fn judged(app: &App, (client, place): (&str, &str), fault: TokenFault) -> Stop {
    tracing::warn!(%fault, "a system got no token");
    app.metrics.sign_in("refused");
    if matches!(fault, TokenFault::Client(_))
        && let Err(fault) = throttle::failed(&app.engine, client, place).await
    {
        return fault.into();
    }
    Refused::of(fault).into()
}

/// The name under which tries of a client count, apart from those of people.
fn counted(client: &str) -> String {
    format!("system {client}")
}

async fn token(State(app): State<Arc<App>>, whence: Whence, sent: Sent) -> Result<Response, Stop> {
    let asked = Asked::of(sent)?;
    match asked.get("grant_type") {
        Some(GRANT) => {}
        None => return Err(Refused::request("grant_type is missing.").into()),
        Some(_) => {
            let refused = Refused {
                error: "unsupported_grant_type",
                ..Refused::request("Only client_credentials.")
            };
            return Err(refused.into());
        }
    }
    let (assertion, client) = asked.assertion()?;
    let (name, place) = (counted(&client), super::device::of_network(whence.peer()));
    waited(&app, &name, &place).await?;
    let secret = app.secret();
    let wanted = (asked.get("scope"), secret.as_str());
    let audiences = audiences(&app, TOKEN);
    let issued = app.engine.system_token(&audiences, assertion, wanted);
    let issued = match issued.await? {
        Ok(issued) => issued,
        Err(fault) => return Err(judged(&app, (&name, &place), fault).await),
    };
    app.metrics.sign_in("done");
    throttle::succeeded(&app.engine, &name, &place).await?;
    let body = json!({
        "access_token": issued.token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS,
        "scope": issued.scope.text(),
    });
    Ok((kept_by_nobody(), Json(body)).into_response())
}

async fn revoke(State(app): State<Arc<App>>, whence: Whence, sent: Sent) -> Result<Response, Stop> {
    let asked = Asked::of(sent)?;
    let (assertion, client) = asked.assertion()?;
    let token = asked
        .get("token")
        .ok_or_else(|| Refused::request("token is missing."))?;
    let (name, place) = (counted(&client), super::device::of_network(whence.peer()));
    waited(&app, &name, &place).await?;
    let audiences = audiences(&app, REVOKE);
    let ended = app.engine.revoke_system_token(&audiences, assertion, token);
    match ended.await? {
        Err(fault) => Err(judged(&app, (&name, &place), fault).await),
        // Whether there was such a token is told to nobody.
        Ok(()) => Ok((StatusCode::OK, kept_by_nobody()).into_response()),
    }
}

/// RFC 8414.
async fn metadata(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    let issuer = app.issuer();
    if issuer.is_empty() {
        return Err(Problem::not_found());
    }
    let algorithms = engine::jose::ALGORITHMS;
    Ok(Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN}"),
        "revocation_endpoint": format!("{issuer}{REVOKE}"),
        "response_types_supported": [],
        "grant_types_supported": [GRANT],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "service_documentation": format!("{issuer}/api/v1/openapi.json"),
    })))
}
