//! What a mail server's refusal means. See RFC 5321 4.2 and RFC 3463 for the codes.

use engine::outreach::SendFault;
use lettre::transport::smtp::Error;

pub(super) fn of(error: &Error) -> SendFault {
    let status = error.status().map(u16::from);
    let text = error.to_string();
    match status {
        None => SendFault::Later("メールサーバーにつながりません".into()),
        // Unknown mailbox, unknown domain, mailbox moved: the address itself is wrong.
        Some(code)
            if code >= 500
                && ["5.1.1", "5.1.2", "5.1.6", "5.1.10"]
                    .iter()
                    .any(|s| text.contains(s)) =>
        {
            SendFault::Gone(format!("宛先のメールアドレスがありません（{code}）"))
        }
        // Our login, or a command that the server does not know: an operator mends it.
        Some(code @ (500..=504 | 521 | 530 | 534 | 535 | 538)) => {
            SendFault::Later(format!("メールサーバーに認められませんでした（{code}）"))
        }
        Some(code @ 500..) => {
            SendFault::Never(format!("宛先のメールサーバーに断られました（{code}）"))
        }
        // Greylisting, a full disk, too many at a time.
        Some(code) => SendFault::Later(format!(
            "宛先のメールサーバーが後にするよう求めています（{code}）"
        )),
    }
}
