//! What pages and API share of inviting somebody to go on with a record.

/// Digits of the code that is handed over apart from the link: with five tries, one chance in 200,000.
const CODE_DIGITS: usize = 6;
/// Random bytes from this on are drawn again, so that every digit is as likely.
const EVEN: u8 = 250;

/// A fresh code.
pub(crate) fn fresh_code(random: &dyn Fn(&mut [u8])) -> String {
    let mut code = String::with_capacity(CODE_DIGITS);
    while code.len() < CODE_DIGITS {
        let mut bytes = [0_u8; CODE_DIGITS];
        random(&mut bytes);
        let even = bytes.iter().filter(|byte| **byte < EVEN);
        let digits = even.map(|byte| char::from(b'0' + byte % 10));
        code.extend(digits.take(CODE_DIGITS - code.len()));
    }
    code
}
