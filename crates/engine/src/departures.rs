//! What has left the installation as a whole, for whoever answers for it.

use crate::desk::administrator;
use crate::{Engine, Failure};
use kernel::Actor;
use kernel::shelf::Departure;

impl Engine {
    /// What has left, newest first, at most `limit`.
    ///
    /// # Errors
    /// 404 for others than administrators.
    pub async fn departures(&self, actor: &Actor, limit: usize) -> Result<Vec<Departure>, Failure> {
        administrator(actor)?;
        Ok(self.store.shelf().departures(limit).await?)
    }
}
