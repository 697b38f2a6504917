// 電話をしていて断られる理由。
export default {
  call_taken: "ほかの人が電話に出ました。",
  call_over: "通話はもう終わっています。",
  rings_elsewhere: "この電話は、いまほかの人に鳴っています。引き取れるのはリーダーです。",
  no_phone: "先に設定で電話番号を登録してください。",
  no_softphone: "この受付ではブラウザ電話を使えません。",
  no_phone_inbox: "発信できる電話の受付がありません。",
  no_number: "お客様の電話番号がわかりません。",
  withheld_number: "非通知のため折り返せません。",
  wrong_number: "この番号にはかけられません。",
  emergency_number: "緊急通報番号にはかけられません。",
  premium_number: "有料情報サービスの番号にはかけられません。",
  costly_number: "この番号への通話は割高です。",
  already_calling: "ほかの電話を発信中です。",
  call_going_on: "このお客様とはすでに通話中です。",
};
