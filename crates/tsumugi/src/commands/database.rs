//! Where the data lies, as it is said on the command line.

use store::Database;

/// Options of every command that opens the data.
#[derive(clap::Args, Clone, Default)]
pub(super) struct DatabaseOptions {
    /// PostgreSQL のデータベース（postgres://利用者@ホスト/名前）。なければ --data のフォルダーの SQLite
    #[arg(
        long,
        value_name = "URL",
        env = "TSUMUGI_DATABASE",
        hide_env_values = true
    )]
    database: Option<String>,
    /// 鍵を別に置くデータベース。なければ --database の中の別のスキーマ
    #[arg(
        long,
        value_name = "URL",
        env = "TSUMUGI_KEYS",
        hide_env_values = true,
        requires = "database"
    )]
    keys: Option<String>,
}

impl DatabaseOptions {
    /// The database; none: the data folder.
    pub(super) fn read(&self) -> Option<Database> {
        let url = self.database.as_deref()?;
        Some(Database {
            keys: self.keys.clone(),
            ..Database::new(url)
        })
    }
}
