//! Whose turn it is: futures that are asked in an order that a seed decides.

use super::faulty::Chance;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::runtime::Runtime;

type Life<'l> = Pin<Box<dyn Future<Output = ()> + 'l>>;

/// Asks one after another, as chance will, until all are done or so many steps are over. Answers whether all are done.
/// Who is not done then is dropped where it stands, as by a kill.
pub(crate) fn take_turns(
    mut lives: Vec<Life<'_>>,
    chance: &Arc<Chance>,
    runtime: &Runtime,
    steps: Option<u64>,
) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let mut left = steps.unwrap_or(u64::MAX);
    while !lives.is_empty() {
        if left == 0 {
            return false;
        }
        left -= 1;
        let at = chance.below(lives.len());
        if lives[at].as_mut().poll(&mut context).is_ready() {
            drop(lives.remove(at));
        }
        // What they have spawned goes on too; in one thread, first come first served.
        runtime.block_on(tokio::task::yield_now());
    }
    true
}

/// Waits for a future that needs nobody else.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(std::thread::Thread);

impl std::task::Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Lets others have their turn.
pub(crate) struct Others(pub(crate) u32);

impl Future for Others {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
