//! Over a small site with a publication.

use crate::testing::Site;

#[tokio::test]
async fn everybody_may_look_from_anywhere() {
    let site = Site::new().await;
    let (status, body) = site.public().get("/api/3/action/package_list").await;
    assert_eq!(
        (status, &body["success"], &body["result"]),
        (200, &true.into(), &serde_json::json!([]))
    );
    let (status, body) = site
        .public()
        .get("/api/3/action/package_show?id=none")
        .await;
    assert_eq!(
        (status, &body["error"]["__type"]),
        (404, &"Not Found Error".into())
    );
    let (status, body) = site.public().get("/api/3/action/package_show").await;
    assert_eq!(
        (status, &body["error"]["__type"]),
        (409, &"Validation Error".into())
    );
    let (status, _) = site.public().get("/api/3/action/none").await;
    assert_eq!(status, 404);
}
