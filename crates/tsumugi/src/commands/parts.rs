//! The parts of a running server: listeners, the worker. Each runs until it is told to stop; one that ends before that
//! ends the process, so that whoever looks after it (systemd, an orchestrator) starts it anew. A process that goes on
//! without one of its faces looks well and is not.

use anyhow::{Result, anyhow};
use std::time::Duration;
use tokio::task::{JoinHandle, JoinSet};

/// Those that run.
#[derive(Default)]
pub(super) struct Parts(JoinSet<(String, Result<(), String>)>);

impl Parts {
    /// One more; `name` is what it is called when it ends.
    pub(super) fn add(&mut self, name: impl Into<String>, part: JoinHandle<std::io::Result<()>>) {
        let name = name.into();
        self.0.spawn(async move {
            let ended = match part.await {
                Ok(ended) => ended.map_err(|error| error.to_string()),
                Err(panicked) => Err(panicked.to_string()),
            };
            (name, ended)
        });
    }

    /// The first that ends, although nobody told it to: why the process cannot go on.
    pub(super) async fn broken(&mut self) -> anyhow::Error {
        match self.0.join_next().await {
            None => anyhow!("動かすものがありません。"),
            Some(Ok((name, Ok(())))) => anyhow!("{name}がひとりでに終わりました。"),
            Some(Ok((name, Err(why)))) => anyhow!("{name}が続けられなくなりました：{why}"),
            Some(Err(error)) => anyhow!(error),
        }
    }

    /// Waits until all have ended that were told to, at most so long.
    ///
    /// # Errors
    /// The first that ended by a fault.
    pub(super) async fn ended(mut self, grace: Duration) -> Result<()> {
        let all = async {
            let mut fault = None;
            while let Some(ended) = self.0.join_next().await {
                let said = match ended {
                    Ok((_, Ok(()))) => continue,
                    Ok((name, Err(why))) => anyhow!("{name}が正しく終わりませんでした：{why}"),
                    Err(error) => anyhow!(error),
                };
                fault.get_or_insert(said);
            }
            fault.map_or(Ok(()), Err)
        };
        match tokio::time::timeout(grace, all).await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::warn!("something was still under way when the time was up");
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use std::io::Error;

    async fn breaks() -> std::io::Result<()> {
        panic!("broke")
    }

    fn going_on(parts: &mut Parts) {
        parts.add("待ち受け1", tokio::spawn(pending::<std::io::Result<()>>()));
    }

    #[tokio::test]
    async fn the_first_that_ends_is_told_although_others_before_it_go_on() {
        let mut parts = Parts::default();
        going_on(&mut parts);
        let lost = async { Err(Error::other("the port is gone")) };
        parts.add("待ち受け2", tokio::spawn(lost));
        let said = parts.broken().await.to_string();
        assert!(
            said.contains("待ち受け2") && said.contains("the port is gone"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn one_that_panics_or_just_ends_is_told_too() {
        let mut parts = Parts::default();
        going_on(&mut parts);
        parts.add("裏の処理", tokio::spawn(breaks()));
        let said = parts.broken().await.to_string();
        assert!(
            said.contains("裏の処理") && said.contains("panic"),
            "{said}"
        );
        let mut parts = Parts::default();
        going_on(&mut parts);
        parts.add("待ち受け2", tokio::spawn(async { Ok(()) }));
        let said = parts.broken().await.to_string();
        assert!(
            said.contains("待ち受け2") && said.contains("ひとりでに"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn what_was_told_to_stop_ends_well_and_a_fault_is_told() {
        let mut parts = Parts::default();
        parts.add("待ち受け1", tokio::spawn(async { Ok(()) }));
        assert!(parts.ended(Duration::from_secs(5)).await.is_ok());
        let mut parts = Parts::default();
        parts.add("待ち受け1", tokio::spawn(async { Ok(()) }));
        parts.add(
            "待ち受け2",
            tokio::spawn(async { Err(Error::other("cut")) }),
        );
        let said = parts.ended(Duration::from_secs(5)).await.unwrap_err();
        assert!(said.to_string().contains("待ち受け2"), "{said}");
        let mut parts = Parts::default();
        going_on(&mut parts);
        assert!(parts.ended(Duration::from_millis(5)).await.is_ok());
    }
}
