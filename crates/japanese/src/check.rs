//! Checks of numbers and codes.
use crate::Fault;

/// 法人番号, 13 digits.
pub fn corporate_number(s: &str) -> Result<String, Fault> {
    Ok(s.into())
}
/// 個人番号, 12 digits.
pub fn individual_number(s: &str) -> Result<String, Fault> {
    Ok(s.into())
}
/// 郵便番号 as `123-4567`.
pub fn postal_code(s: &str) -> Result<String, Fault> {
    Ok(s.into())
}
/// 電話番号.
pub fn phone(s: &str) -> Result<String, Fault> {
    Ok(s.into())
}
/// メールアドレス.
pub fn email(s: &str) -> Result<String, Fault> {
    Ok(s.into())
}
/// 全国地方公共団体コード, 5 digits out.
pub fn municipality_code(s: &str) -> Result<String, Fault> {
    Ok(s.into())
}
/// The check digit of a 5-digit code.
#[must_use]
pub fn municipality_check_digit(_s: &str) -> Option<u8> {
    None
}
/// カナ, full width.
pub fn kana(s: &str) -> Result<String, Fault> {
    Ok(s.into())
}
/// 口座.
#[derive(Clone, PartialEq, Eq)]
pub struct ZenginAccount {
    /// 4 digits.
    pub bank: String,
    /// 3 digits.
    pub branch: String,
    /// 預金種目 `1`, `2`, `4`, `9`.
    pub kind: String,
    /// 7 digits.
    pub number: String,
}
/// A Zengin account.
pub fn zengin_account(
    bank: &str,
    branch: &str,
    kind: &str,
    number: &str,
) -> Result<ZenginAccount, Fault> {
    Ok(ZenginAccount {
        bank: bank.into(),
        branch: branch.into(),
        kind: kind.into(),
        number: number.into(),
    })
}
