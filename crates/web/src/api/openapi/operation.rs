//! The parts of which operations are made.

use serde_json::{Map, Value as Json, json};

/// An operation under way.
pub(super) struct Operation(Map<String, Json>);

impl Operation {
    /// With its id, a one-line summary and a tag.
    pub(super) fn new(id: &str, summary: &str, tag: &str) -> Self {
        let members = json!({"operationId": id, "summary": summary, "tags": [tag], "parameters": [], "responses": {}});
        Self(members.as_object().cloned().unwrap_or_default())
    }

    /// A parameter in `path`, `query` or `header`.
    pub(super) fn parameter(
        mut self,
        place: &str,
        name: &str,
        required: bool,
        schema: Json,
        description: &str,
    ) -> Self {
        let one = json!({"in": place, "name": name, "required": required, "schema": schema, "description": description});
        if let Some(list) = self.0.get_mut("parameters").and_then(Json::as_array_mut) {
            list.push(one);
        }
        self
    }

    /// Parameters of the components.
    pub(super) fn shared(mut self, names: &[&str]) -> Self {
        if let Some(list) = self.0.get_mut("parameters").and_then(Json::as_array_mut) {
            list.extend(
                names
                    .iter()
                    .map(|name| json!({"$ref": format!("#/components/parameters/{name}")})),
            );
        }
        self
    }

    /// The body.
    pub(super) fn body(mut self, media_type: &str, schema: Json) -> Self {
        self.0.insert(
            "requestBody".into(),
            json!({"required": true, "content": {media_type: {"schema": schema}}}),
        );
        self
    }

    /// A successful answer with a schema.
    pub(super) fn answers(self, status: u16, description: &str, schema: Json) -> Self {
        self.response(status, json!({"description": description, "content": {"application/json": {"schema": schema}}}))
    }

    /// An answer of any kind.
    pub(super) fn response(mut self, status: u16, response: Json) -> Self {
        if let Some(map) = self.0.get_mut("responses").and_then(Json::as_object_mut) {
            map.insert(status.to_string(), response);
        }
        self
    }

    /// Refusals, by status.
    pub(super) fn refuses(self, statuses: &[u16]) -> Self {
        statuses.iter().fold(self, |operation, status| {
            operation.response(*status, json!({"$ref": format!("#/components/responses/{}", super::schemas::problem_name(*status))}))
        })
    }

    /// Needs no sign-in.
    pub(super) fn public(mut self) -> Self {
        self.0.insert("security".into(), json!([]));
        self
    }

    /// Done.
    pub(super) fn json(self) -> Json {
        Json::Object(self.0)
    }
}

/// A reference to a schema of the components.
pub(super) fn schema(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
