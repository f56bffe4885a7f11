//! English beside the Japanese: by kind and by code, since the Japanese sentence may be the service's own.

use kernel::Fault;

/// Title by kind.
pub(crate) fn title(kind: &str) -> &'static str {
    match kind {
        "malformed" => "The request cannot be understood",
        "not_found" => "Not found. Check the number or the address.",
        "wrong_state" => "This action is not possible now",
        "stale" => "Something has changed since you opened this",
        "invalid" => "Check what you entered",
        "version_missing" => "The version is missing",
        "busy" | "unavailable" => "Busy. Try again shortly.",
        "not_yet" => "Ready in a moment",
        "not_signed_in" => "Sign in first",
        "token_refused" => "The token is wrong or has expired",
        "form_expired" => "This form has expired",
        "second_factor_missing" => "Register a passkey or an authenticator app first",
        "insufficient_scope" => "This token was not given out for this",
        "assurance_too_low" => "This needs a surer proof of who you are",
        "too_large" => "Too large",
        "too_slow" => "The request came too slowly",
        "too_many" => "Too many requests",
        "unsupported_media_type" => "This media type is not supported",
        "method_not_allowed" => "This method is not allowed here",
        _ => "The system failed to process this",
    }
}

/// What to do, by kind.
pub(super) fn detail(kind: &str) -> Option<&'static str> {
    let text = match kind {
        "stale" => {
            "Read the record again, look at what has changed, and send the action with the new version."
        }
        "wrong_state" => "Read the record again: its `actions` say what you may do now.",
        "version_missing" => "Send `version`: the version of the record that you saw.",
        "busy" | "unavailable" => {
            "Nothing was accepted. Send the same request again after the time in Retry-After."
        }
        "not_yet" => {
            "What was received is signed within a minute. Ask again after the time in Retry-After."
        }
        "not_signed_in" | "token_refused" => {
            "Sign in, or send a valid token as Authorization: Bearer."
        }
        "form_expired" => "Go back, open the page again and send the form once more.",
        "second_factor_missing" => "Register one under Sign-in and security on My Page.",
        "insufficient_scope" => {
            "Look at the scope for which the system was registered, and ask for a token that has what you need."
        }
        "assurance_too_low" => {
            "Sign in in a way that proves more, or add a second factor; errors name what is lacking. Nothing was accepted."
        }
        "method_not_allowed" => "The header Allow names the methods of this address.",
        "internal" => {
            "Nothing was accepted. Try again later; if it persists, tell us the instance."
        }
        _ => return None,
    };
    Some(text)
}

/// A fault by its code; the Japanese where no code says enough.
pub(crate) fn fault(fault: &Fault) -> String {
    let text = match fault.code.as_str() {
        "required" => "This is needed. Enter it.",
        "unknown_field" => "There is no such field. Check the spelling or leave it out.",
        "unknown_parameter" => {
            "There is no such query parameter. Check the spelling or leave it out."
        }
        "unknown_action" => "There is no such action.",
        "format" => "The form of this value is not right.",
        "type" => "The type of this value is not right.",
        "check_digit" => "The check digit does not fit. Check the number.",
        "too_long" => "This is too long.",
        "too_short" | "too_few" => "There is too little of this.",
        "too_many" => "There is too much of this.",
        "min" | "too_small" => "This is below the least value.",
        "max" | "too_big" => "This is above the greatest value.",
        "option" => "Choose one of the options.",
        "changed" => "This has changed since the version that you saw.",
        "unique" => "This value is taken already.",
        "floor" => "There is not enough left.",
        "upload_missing" => "This upload is not there. Upload the file again.",
        "media_type" => "Files of this type are not accepted.",
        "json" => "The body is not JSON.",
        "reused" => "This Idempotency-Key was used with other content. Send a new key.",
        "assurance" if fault.pointer.ends_with("/identity") => {
            "Your identity must be proven more surely. Sign in in a way that was checked against official documents."
        }
        "assurance" => {
            "Your sign-in must be proven more surely. Show a passkey or another second factor."
        }
        "idempotency_key_required" => {
            "Send the header Idempotency-Key: a new random text for each request, the same for a retry."
        }
        _ => return fault.detail.clone(),
    };
    text.into()
}
