//! Mail over SMTP.

mod compose;
mod fault;

use compose::{compose, mailbox};

use crate::SetupError;
use engine::outreach::{Channel, Letter, SendFault, Sender, Sending};
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;

/// A server that is silent for so long is away.
const TIMEOUT: Duration = Duration::from_secs(20);

/// How mail is sent. Does not print.
#[derive(Clone)]
pub struct MailSettings {
    /// `smtp://host:port`, with `?tls=required` for STARTTLS, or `smtps://host:port`.
    pub server: String,
    /// User and password, if the server wants them.
    pub login: Option<(String, String)>,
    /// Sender: `つむぎ <no-reply@example.jp>`.
    pub from: String,
    /// Most mails a second.
    pub per_second: usize,
}

/// Sends mail by one SMTP server.
pub struct Mail {
    /// None only while it is dropped.
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
    /// Where the transport says goodbye to the server when it is dropped, wherever that is.
    runtime: tokio::runtime::Handle,
    from: Mailbox,
    per_second: usize,
}

impl Mail {
    /// Makes ready to send; connects only when there is something to send. To be called inside a runtime.
    ///
    /// # Errors
    /// An address of the server or the sender that cannot be read.
    pub fn new(settings: MailSettings) -> Result<Self, SetupError> {
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|_| SetupError::new("メールは動いているプログラムの中で用意します"))?;
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.server).map_err(|_| {
                SetupError::new("メールサーバーは smtp://名前:番号 の形で書いてください")
            })?;
        let builder = builder.timeout(Some(TIMEOUT));
        let builder = match settings.login {
            Some((user, password)) => builder.credentials(Credentials::new(user, password)),
            None => builder,
        };
        let from = settings
            .from
            .parse()
            .map_err(|_| SetupError::new("差出人は 名前 <アドレス> の形で書いてください"))?;
        Ok(Self {
            transport: Some(builder.build()),
            runtime,
            from,
            per_second: settings.per_second.max(1),
        })
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        drop(self.transport.take());
    }
}

impl Sender for Mail {
    fn channel(&self) -> Channel {
        Channel::Mail
    }

    fn per_second(&self) -> usize {
        self.per_second
    }

    fn address(&self, given: &str) -> Result<String, String> {
        mailbox(given)
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        Box::pin(async move {
            let message = compose(letter, &self.from)
                .map_err(|_| SendFault::Never("メールの形にできません".into()))?;
            let away = || SendFault::Later("メールを送るところが閉じています".into());
            let transport = self.transport.as_ref().ok_or_else(away)?;
            match transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(fault::of(&error)),
            }
        })
    }
}
