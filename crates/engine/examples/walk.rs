#![allow(warnings)]
use std::sync::Arc; use engine::*; use kernel::port::{Account,Party,Store}; use kernel::*; use uuid::Uuid;
struct Seq(std::sync::atomic::AtomicU64);
impl Ids for Seq { fn uuid(&self, at: jiff::Timestamp)->Uuid { let n=self.0.fetch_add(1,std::sync::atomic::Ordering::SeqCst); let mut b=[0u8;10]; b[2..].copy_from_slice(&n.to_be_bytes()); uuid::Builder::from_unix_timestamp_millis(at.as_millisecond() as u64,&b).into_uuid() } }
fn acc(login:&str,name:&str,n:u128,seats:Vec<Seat>)->Account{ Account{id:AccountId(Uuid::from_u128(n)),login:login.into(),name:name.into(),password:None,party:PartyId(Uuid::from_u128(n+1000)),hats:vec![],seats,demo:true}}
fn seat(role:&str)->Vec<Seat>{vec![Seat{role:role.into(),office:Some("多摩立川保健所".into()),authority:Some("13000".into()),municipality:None}]}
#[tokio::main] async fn main(){
 let dir=tempfile::tempdir().unwrap();
 let mut x=7u64;
 let store=store::SqliteStore::open(dir.path(), store::Options::new(Box::new(move |b:&mut [u8]| for c in b { x=x.wrapping_mul(6364136223846793005).wrapping_add(1); *c=(x>>33) as u8 }))).unwrap();
 let source=definition::Source::from_dir(std::path::Path::new("services")).unwrap();
 let clock=Arc::new(ManualClock::new("2026-11-22T03:00:00Z".parse().unwrap()));
 let loaded=definition::load(&source, jiff::civil::date(2026,11,22));
 let e=Arc::new(Engine::new(Arc::new(store),clock.clone(),Arc::new(Seq(0.into())),loaded.catalogue.clone()));
 e.publish(loaded.catalogue,&source).await.unwrap();
 for a in [acc("business","佐藤 花子",1,vec![]),acc("resident","鈴木 一郎",2,vec![]),acc("other_business","高橋",9,vec![]),acc("examiner","審査 太郎",3,seat("examiner")),acc("approver","決裁 次郎",4,seat("approver")),acc("inspector","監視 三郎",5,seat("inspector")),acc("administrator","管理",6,seat("administrator")),acc("auditor","監査",7,seat("auditor")),acc("municipality","市",8,vec![Seat{role:"municipality".into(),office:None,authority:None,municipality:Some("13202".into())}])]{ e.put_account(a).await.unwrap(); }
 let t=std::time::Instant::now();
 let r=e.make_demo(&clock,&source,&|_,_|()).await.unwrap();
 println!("{} acts {:?}",r.acts,t.elapsed()); for l in &r.refused{println!("REFUSED {l}")}
 let b=e.account_by_login("business").await.unwrap().unwrap(); let b=e.actor(&b,None).unwrap();
 for v in e.my_items(&b).await.unwrap(){println!("{} {:?} {:?} {} {:?}",v.record_type.name,v.number,v.label,v.state_title,v.line)}
 for m in e.messages(&b,None,5).await.unwrap(){println!("{} / {}",m.subject,m.body.replace('\n'," "))}
 let x=e.account_by_login("examiner").await.unwrap().unwrap(); let x=e.actor(&x,None).unwrap();
 for bo in e.boards(&x).await.unwrap(){println!("## {} {:?}",bo.title,bo.columns); for (_,c) in bo.rows{println!("   {c:?}")}}
 let l=e.list(&x,"food-business-permit","permit",&ListRequest{q:Some("柴崎".into()),filter:Some(r#"trade = "restaurant" and valid_until > date("2030-01-01")"#.into()),sort:Some("-valid_from".into()),limit:Some(50),after:None}).await;
 match l{Ok(l)=>{println!("{} found",l.items.len()); for i in &l.items{println!("{}",i.to_json())}},Err(f)=>println!("{f:?}")}
 let l=e.list(&x,"food-business-permit","permit",&ListRequest{q:None,filter:Some(r#"trade = "restaurant" and valid_until > date("2030-01-01")"#.into()),sort:Some("-valid_from".into()),limit:Some(50),after:None}).await;
 match l{Ok(l)=>println!("{} found",l.items.len()),Err(f)=>println!("{f:?}")}
}
