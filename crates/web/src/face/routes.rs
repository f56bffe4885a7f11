//! A router that has the routes of one face alone.

use super::Face;
use crate::App;
use axum::Router;
use axum::routing::MethodRouter;
use std::sync::Arc;

/// Routes as they are declared; those that the face does not offer are left out.
pub(crate) struct Routes {
    face: Face,
    router: Router<Arc<App>>,
    /// All that were declared, offered or not: the tables are tested against them.
    declared: Vec<&'static str>,
}

impl Routes {
    /// None yet.
    pub(crate) fn new(face: Face) -> Self {
        Self {
            face,
            router: Router::new(),
            declared: Vec::new(),
        }
    }

    /// A route, if the face offers it.
    pub(crate) fn route(mut self, path: &'static str, handlers: MethodRouter<Arc<App>>) -> Self {
        self.declared.push(path);
        if self.face.offers(path) {
            self.router = self.router.route(path, handlers);
        }
        self
    }

    /// With all of others.
    pub(crate) fn merge(mut self, mut others: Self) -> Self {
        self.declared.append(&mut others.declared);
        self.router = self.router.merge(others.router);
        self
    }

    /// With what is done to the router as a whole: layers and fallbacks.
    pub(crate) fn with(
        mut self,
        change: impl FnOnce(Router<Arc<App>>) -> Router<Arc<App>>,
    ) -> Self {
        self.router = change(self.router);
        self
    }

    /// Every route that was declared.
    #[cfg(test)]
    pub(crate) fn declared(&self) -> &[&'static str] {
        &self.declared
    }

    /// The router.
    pub(crate) fn into_router(self) -> Router<Arc<App>> {
        self.router
    }
}
