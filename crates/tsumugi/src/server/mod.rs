//! Listening: how many connections, how long their heads may take, how fast they must take answers.
//!
//! What a request may cost after that is the gate's matter (`web`). Every limit stands in `docs/operate/limits.md`.

mod proxy;
mod stream;

pub use proxy::{Network, behind};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use stream::Paced;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tower::Service as _;

/// What a listener allows.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once; one more is told to come back.
    pub connections: usize,
    /// A head must be whole within this time, and a kept connection is closed when nothing was asked for so long.
    pub head: Duration,
    /// Patience with a peer that takes nothing of an answer.
    pub takes_nothing: Duration,
}

impl Limits {
    /// The usual, with so many connections.
    #[must_use]
    pub const fn new(connections: usize) -> Self {
        Self {
            connections,
            head: Duration::from_secs(20),
            takes_nothing: Duration::from_secs(30),
        }
    }
}

/// Bytes of a head at most.
const HEAD_BYTES: usize = 64 * 1024;
/// Header fields at most.
const HEADERS: usize = 100;
/// After a failed accept (no file handles left) one waits so long.
const AFTER_A_FAULT: Duration = Duration::from_millis(200);
/// What whoever finds no connection left is told.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Serves until `stop` is ready, then until what is under way is answered.
///
/// # Errors
/// None today; a listener that fails is asked again.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS);
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_A_FAULT).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            // The socket's buffer is empty, so this does not wait.
            let _ = stream.try_write(FULL);
            continue;
        };
        let connection = Connection {
            http: http.clone(),
            router: router.clone(),
            peer,
            _place: place,
        };
        let stream = Paced::new(stream, limits.takes_nothing);
        tokio::spawn(connection.run(stream, stopped.clone()));
    }
    drop((listener, stopped));
    stopping.send_replace(true);
    stopping.closed().await;
    Ok(())
}

struct Connection {
    http: http1::Builder,
    router: Router,
    peer: SocketAddr,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(self, stream: Paced, mut stopped: watch::Receiver<bool>) {
        let (router, peer) = (self.router, self.peer);
        let answer = service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        });
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(stream), answer));
        let stop = async { drop(stopped.wait_for(|stop| *stop).await) };
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stop => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        // A peer that was too slow or went away: nothing for an operator to see to.
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// By how much threads that answer requests stand back behind the store's writer, as `nice` counts.
const STAND_BACK: i32 = 6;

/// What requests are answered on: a thread for each processor. The store's one writer, which everybody waits for who
/// changes anything, is a thread beside them and comes first where there are fewer processors than threads
/// (`docs/decisions/0007-what-an-answer-costs.md`).
///
/// # Errors
/// If the system gives no threads.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .on_thread_start(|| {
            // Linux counts it for each thread. Where it cannot be had, all threads are equal, which is no fault.
            let _ = rustix::process::nice(STAND_BACK);
        })
        .build()
}

/// As many files as the system lets this process open, and how many connections that allows.
#[must_use]
pub fn connections(wanted: usize) -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the number of open files could not be raised");
        }
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    // A quarter is left to the store, to uploads and to what goes out.
    let room = usize::try_from(files / 4 * 3).unwrap_or(usize::MAX);
    if room < wanted {
        tracing::warn!(
            files,
            room,
            wanted,
            "few files may be open; raise the limit (ulimit -n)"
        );
    }
    wanted.min(room)
}

#[cfg(test)]
mod tests;
