//! A payment gateway of our own to try things with (見本). It behaves like a real one: a page of its own, signed
//! letters that may come twice or late, slips that can be paid after all is over, expiry, refunds, a daily file. It takes
//! no money and asks for no card. It runs in a demo, or where it is switched on.

mod book;
mod daily;
mod letters;
mod page;

pub use letters::{WEBHOOK_PATH, body};
pub use page::router;

use super::webhook::Secret;
use axum::Router;
use book::{Book, Entry, Opened, Paid, Refunded, Standing};
use engine::{
    Asked, Charge, Clock, Forged, Gateway, GatewayError, GiveBack, News, Reference, Session,
    Settled, SignedHeaders,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// Its name.
pub const NAME: &str = "sandbox";
/// Where its pages stand.
pub const PAGES: &str = "/sandbox-gateway";
/// The methods that it knows.
pub(super) const KONBINI: &str = "konbini";
const CARD: &str = "card";
const PAY_EASY: &str = "pay_easy";
/// How late a late letter is.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// The product's routes as they stand; none when it is gone.
type Routes = Box<dyn Fn() -> Option<Router> + Send + Sync>;

/// The sandbox.
pub struct Sandbox {
    secret: Secret,
    clock: Arc<dyn Clock>,
    book: Mutex<Book>,
    /// Tries of letters that were not taken, and when the next is due.
    tries: Mutex<BTreeMap<String, (usize, Timestamp)>>,
    routes: OnceLock<Routes>,
    away: AtomicBool,
    wake: tokio::sync::Notify,
}

/// What a payer does on the sandbox's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Pays; the letter goes out at once.
    Pay,
    /// Pays; the letter comes twice.
    Twice,
    /// Pays; the letter comes late.
    Late,
    /// Cannot pay.
    Fail,
    /// Takes a slip to pay at a convenience store.
    Slip,
    /// Pays the slip at the store.
    Store,
}

impl Sandbox {
    /// A sandbox that keeps its book in a file.
    ///
    /// # Errors
    /// If the file cannot be read or made.
    pub fn open(secret: Secret, clock: Arc<dyn Clock>, book: &Path) -> io::Result<Arc<Self>> {
        Ok(Self::over(secret, clock, Book::open(book)?))
    }

    /// A sandbox that forgets when it ends: for tests of much.
    #[must_use]
    pub fn forgetful(secret: Secret, clock: Arc<dyn Clock>) -> Arc<Self> {
        Self::over(secret, clock, Book::default())
    }

    fn over(secret: Secret, clock: Arc<dyn Clock>, book: Book) -> Arc<Self> {
        Arc::new(Self {
            secret,
            clock,
            book: Mutex::new(book),
            tries: Mutex::default(),
            routes: OnceLock::new(),
            away: AtomicBool::new(false),
            wake: tokio::sync::Notify::new(),
        })
    }

    /// Says where letters go: into the product's own routes, as requests from outside would. Only the first saying
    /// counts.
    pub fn deliver_to(&self, routes: impl Fn() -> Option<Router> + Send + Sync + 'static) {
        let _ = self.routes.set(Box::new(routes));
    }

    /// Plays a gateway that cannot be reached (its payers' page goes on).
    pub fn go_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// Sends letters and lets sessions run out until `stop` is ready.
    pub async fn run(self: Arc<Self>, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            self.tick().await;
            tokio::select! {
                () = &mut stop => return,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(std::time::Duration::from_secs(2)) => {}
            }
        }
    }

    /// A name that follows from what it stands for, and that nobody else can guess.
    fn named(&self, prefix: &str, of: &str) -> String {
        let code = self.secret.code(&[prefix.as_bytes(), of.as_bytes()]);
        let hex: String = code.iter().take(16).map(|b| format!("{b:02x}")).collect();
        format!("{prefix}_{hex}")
    }

    fn standing(&self, session: &str) -> Option<Standing> {
        self.book.lock().sessions.get(session).cloned()
    }

    fn note(&self, entry: Entry) -> bool {
        let written = self.book.lock().write(entry);
        if let Err(error) = &written {
            tracing::error!(%error, "the sandbox cannot write its book");
        }
        written.is_ok()
    }

    fn reach(&self) -> Result<(), GatewayError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(GatewayError::Unavailable(
                "見本の代行会社が休止中です".into(),
            ));
        }
        Ok(())
    }

    fn write(&self, entry: Entry) -> Result<(), GatewayError> {
        let written = self.book.lock().write(entry);
        written.map_err(|error| GatewayError::Unavailable(error.to_string()))
    }

    fn run_out(&self, now: Timestamp) {
        let over: Vec<String> = self
            .book
            .lock()
            .sessions
            .values()
            .filter(|s| s.open && s.opened.until <= now)
            .map(|s| s.opened.session.clone())
            .collect();
        for session in over {
            self.note(Entry::Expired { session, at: now });
        }
    }

    /// What a payer does. Answers whether it could be done.
    pub fn choose(&self, session: &str, method: &str, choice: Choice) -> bool {
        let now = self.clock.now();
        self.run_out(now);
        let Some(standing) = self.standing(session) else {
            return false;
        };
        let done = match choice {
            Choice::Fail => return true,
            Choice::Slip => {
                standing.open
                    && (standing.slip
                        || self.note(Entry::Slip {
                            session: session.to_owned(),
                            at: now,
                        }))
            }
            // A slip in somebody's hand can be paid whatever has happened since.
            Choice::Store => {
                standing.slip
                    && !standing.slip_paid
                    && self.take(&standing, KONBINI, now, Choice::Pay)
            }
            Choice::Pay | Choice::Twice | Choice::Late => {
                let known = [CARD, PAY_EASY, KONBINI].contains(&method);
                known && standing.open && self.take(&standing, method, now, choice)
            }
        };
        self.wake.notify_one();
        done
    }

    fn take(&self, standing: &Standing, method: &str, now: Timestamp, choice: Choice) -> bool {
        let session = &standing.opened.session;
        let told_at = match choice {
            Choice::Late => now.checked_add(LATE).unwrap_or(now),
            _ => now,
        };
        self.note(Entry::Paid(Paid {
            session: session.clone(),
            payment: self.named("pay", &format!("{session}/{}", standing.paid.len())),
            method: method.to_owned(),
            amount_yen: standing.opened.amount_yen,
            at: now,
            told_at,
            copies: if choice == Choice::Twice { 2 } else { 1 },
        }))
    }

    /// Money that comes for a session without anybody's asking and whatever its amount: what faults are made of.
    pub fn money_arrives(&self, session: &str, method: &str, amount_yen: u64) -> Option<News> {
        let standing = self.standing(session)?;
        let now = self.clock.now();
        let paid = Paid {
            session: session.to_owned(),
            payment: self.named("pay", &format!("{session}/{}", standing.paid.len())),
            method: method.to_owned(),
            amount_yen,
            at: now,
            told_at: now,
            copies: 1,
        };
        let news = letters::paid_news(&standing.opened.reference, &paid);
        self.note(Entry::Paid(paid)).then_some(news)
    }

    /// Headers under which a body goes out now: id, timestamp, signature.
    #[must_use]
    pub fn sealed(&self, id: &str, body: &[u8]) -> [String; 3] {
        let now = self.clock.now();
        [
            id.to_owned(),
            now.as_second().to_string(),
            super::webhook::sign(&self.secret, id, now, body),
        ]
    }

    /// The daily file as text.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn daily_file(&self, day: Date) -> Result<String, GatewayError> {
        daily::write(&self.book.lock(), day)
    }

    fn open_session(&self, charge: &Charge) -> Result<Session, GatewayError> {
        self.reach()?;
        let session = self.named("cs", &charge.key.to_string());
        if self.standing(&session).is_none() {
            self.write(Entry::Opened(Opened {
                session: session.clone(),
                reference: charge.reference.to_string(),
                amount_yen: charge.amount_yen,
                title: charge.title.clone(),
                until: charge.until,
                return_path: charge.return_path.clone(),
            }))?;
        }
        Ok(Session {
            url: format!("{PAGES}/{session}"),
            id: session,
        })
    }

    fn close_sessions(&self, reference: &Reference) -> Result<(), GatewayError> {
        self.reach()?;
        let reference = reference.to_string();
        let open: Vec<String> = self
            .book
            .lock()
            .sessions
            .values()
            .filter(|s| s.open && s.opened.reference == reference)
            .map(|s| s.opened.session.clone())
            .collect();
        let at = self.clock.now();
        for session in open {
            self.write(Entry::Closed { session, at })?;
        }
        Ok(())
    }

    fn give_back(&self, asked: &GiveBack) -> Result<(), GatewayError> {
        self.reach()?;
        let refund = self.named("re", &asked.key.to_string());
        let mut book = self.book.lock();
        if book.refunds.contains_key(&refund) {
            return Ok(());
        }
        let taken = book.payment(&asked.payment).map(|paid| paid.amount_yen);
        let given: u64 = book
            .refunds
            .values()
            .filter(|refunded| refunded.payment == asked.payment)
            .map(|refunded| refunded.amount_yen)
            .sum();
        if taken.is_none_or(|taken| given + asked.amount_yen > taken) {
            return Err(GatewayError::Refused(
                "その納付はないか、返せる額を超えています。".into(),
            ));
        }
        let entry = Entry::Refunded(Refunded {
            refund,
            payment: asked.payment.clone(),
            reference: asked.reference.to_string(),
            amount_yen: asked.amount_yen,
            at: self.clock.now(),
        });
        let written = book.write(entry);
        drop(book);
        self.wake.notify_one();
        written.map_err(|error| GatewayError::Unavailable(error.to_string()))
    }

    fn told_of(&self, session: &str) -> Result<Vec<News>, GatewayError> {
        self.reach()?;
        let Some(standing) = self.standing(session) else {
            return Ok(Vec::new());
        };
        let reference = &standing.opened.reference;
        let now = self.clock.now();
        let told = standing.paid.iter().filter(|paid| paid.told_at <= now);
        let paid = told.map(|paid| letters::paid_news(reference, paid));
        Ok(paid.collect())
    }
}

fn now<'a, T: Send + 'a>(answer: Result<T, GatewayError>) -> Asked<'a, T> {
    Box::pin(std::future::ready(answer))
}

impl Gateway for Sandbox {
    fn name(&self) -> &str {
        NAME
    }

    fn open<'a>(&'a self, charge: &'a Charge) -> Asked<'a, Session> {
        now(self.open_session(charge))
    }

    fn recall<'a>(&'a self, reference: &'a Reference) -> Asked<'a, ()> {
        now(self.close_sessions(reference))
    }

    fn refund<'a>(&'a self, refund: &'a GiveBack) -> Asked<'a, ()> {
        now(self.give_back(refund))
    }

    fn query<'a>(&'a self, session: &'a str) -> Asked<'a, Vec<News>> {
        now(self.told_of(session))
    }

    fn settled(&self, day: Date) -> Asked<'_, Vec<Settled>> {
        let file = self.reach().and_then(|()| self.daily_file(day));
        now(file.and_then(|text| daily::read(&text)))
    }

    fn read(
        &self,
        headers: SignedHeaders<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<News, Forged> {
        letters::read(&self.secret, headers, body, now)
    }
}
