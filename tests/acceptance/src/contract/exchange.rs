//! Makes the request of an exchange.

use anyhow::{Context, Result};

use super::{Exchange, Talk};
use crate::http::{Request, multipart};
use crate::picture;

impl Talk<'_> {
    pub(super) fn request(&mut self, exchange: &Exchange) -> Result<Request> {
        self.count += 1;
        let (method, path) = exchange
            .send
            .split_once(' ')
            .with_context(|| format!("send は「GET /…」のように書きます: {}", exchange.send))?;
        let mut headers = self.headers(exchange, method)?;
        let body = self.body(exchange, &mut headers)?;
        Ok(Request {
            method: method.to_owned(),
            path: self.filled(path.trim()),
            headers,
            body,
        })
    }

    fn headers(&self, exchange: &Exchange, method: &str) -> Result<Vec<(String, String)>> {
        let mut headers: Vec<(String, String)> = exchange
            .headers
            .iter()
            .map(|(name, value)| (name.to_lowercase(), self.filled(value)))
            .collect();
        if let Some(persona) = &exchange.persona {
            headers.push((
                "authorization".into(),
                format!("Bearer {}", self.product.token(persona)?),
            ));
        }
        if method == "POST" {
            let key = exchange
                .key
                .clone()
                .unwrap_or_else(|| format!("exchange-{}", self.count));
            if !key.is_empty() {
                headers.push(("idempotency-key".into(), key));
            }
        }
        Ok(headers)
    }

    fn body(
        &self,
        exchange: &Exchange,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Option<Vec<u8>>> {
        if let Some(name) = &exchange.file {
            let (content_type, body) = multipart(name, "image/png", &picture::png(self.count)?);
            headers.push(("content-type".into(), content_type));
            return Ok(Some(body));
        }
        let body = match (&exchange.body, &exchange.text, exchange.bytes) {
            (Some(json), _, _) => self.json(json)?.to_string().into_bytes(),
            (None, Some(text), _) => text.clone().into_bytes(),
            (None, None, Some(bytes)) => vec![b' '; bytes],
            (None, None, None) => return Ok(None),
        };
        if !headers.iter().any(|(name, _)| name == "content-type") {
            headers.push(("content-type".into(), "application/json".into()));
        }
        Ok(Some(body))
    }
}
