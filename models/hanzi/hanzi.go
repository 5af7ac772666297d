// Package hanzi is what headings, deadlines and problems have in common as writing: the
// traditional characters that offices still use, and the simplified ones they mean. It
// is a leaf of leaves and knows nothing else.
package hanzi

// traditional are the characters as they are written elsewhere, each followed by its
// simplified form: those of headings, of deadlines and of the words offices write most.
const traditional = "專专門门車车東东紙纸隻只夠够築筑臺台歲岁鐵铁園园圖图團团國国爲为為为無无環环廠厂庫库廣广產产業业與与於于兩两單单責责領领導导務务題题時时間间長长機机構构組组處处辦办備备註注號号標标準准據据進进狀状態态結结項项類类別别體体現现問问計计劃划實实際际見见內内麼么發发關关議议檢检審审覈核復复" +
	"複复歸归屬属級级層层對对應应點点區区縣县鄉乡鎮镇黨党總总書书記记員员會会課课廳厅規规範范則则數数減减過过達达還还這这個个條条線线種种質质節节測测餘余動动執执報报緩缓況况簡简説说說说話话電电聯联繫系係系屆届滿满剛刚後后來来徵征討讨論论證证評评語语談谈請请謝谢護护讓让變变貫贯徹彻決决" +
	"強强難难離离雜杂雙双頭头顧顾預预額额願愿顯显風风飛飞養养駐驻驗验監监盡尽盤盘確确禮礼積积稱称穩稳競竞籌筹糧粮純纯納纳紀纪約约紅红絕绝給给統统經经維维網网緊紧編编練练縮缩績绩續续罰罚聖圣聲声職职脫脱脈脉腦脑膽胆臨临舉举舊旧華华萬万葉叶蓋盖藝艺藥药術术衛卫裝装補补製制覺觉覽览觀观訂订" +
	"訊讯訓训託托設设許许訴诉診诊詞词試试詢询詳详認认誤误調调謀谋識识譯译財财貢贡貧贫貨货費费資资賠赔賬账賴赖購购贏赢軍军軟软載载輔辅輪轮輸输轄辖轉转辭辞農农運运違违遠远適适選选遲迟遷迁鄰邻醫医釋释針针鋪铺錄录錢钱錯错鍵键鎖锁鏈链鐘钟鑒鉴開开閉闭閱阅闊阔隊队階阶隨随險险隱隐靜静響响頁页" +
	"順顺須须頒颁頻频飯饭館馆馬马驅驱黃黄齊齐齡龄週周堅坚將将並并畢毕饋馈銷销慶庆曆历陰阴臘腊閏闰爭争視视從从啟启繳缴稅税帳账當当" +
	"筆笔憑凭寫写帶带協协檔档場场絡络負负該该賣卖買买傳传價价優优創创勞劳償偿儲储幫帮塊块墊垫夢梦奪夺奮奋嚴严壓压懲惩懷怀戶户挾挟掃扫採采擬拟擴扩搶抢敗败敵敌暫暂樣样樓楼樹树橋桥欄栏歐欧殘残氣气沒没溝沟滅灭漲涨潔洁潛潜災灾煙烟燈灯爐炉牆墙獎奖獨独獲获畫画療疗異异疊叠癥症礙碍禍祸窮穷細细終终綜综綠绿緒绪聞闻聰聪膚肤艱艰蘭兰蟲虫衝冲訪访詐诈誠诚諒谅講讲謹谨譽誉貪贪販贩貸贷貿贸賄贿賓宾賺赚贈赠趙赵跡迹軌轨較较輯辑遞递遺遗郵邮釘钉鈔钞銀银鋼钢錶表鑽钻閒闲閘闸陣阵陳陈陸陆雲云霧雾韻韵顆颗飲饮餓饿騙骗騰腾驟骤髒脏鬧闹鮮鲜鳥鸟鹽盐齒齿輛辆"

// firstHan and lastHan bound the characters of the table.
const firstHan, lastHan = 0x4e00, 0x9fff

// simplifiedOf is the simplified form of each character from firstHan on, 0 for one that
// has none of its own. It is asked of every character of a ledger.
var simplifiedOf = func() (of [lastHan - firstHan + 1]uint16) {
	pair := []rune(traditional)
	for i := 0; i+1 < len(pair); i += 2 {
		of[pair[i]-firstHan] = uint16(pair[i+1])
	}
	return of
}()

// Simplified is a character as it is written in the mainland; itself where it is written
// so, or is not in the table.
func Simplified(r rune) rune {
	if r < firstHan || r > lastHan {
		return r
	}
	if s := simplifiedOf[r-firstHan]; s != 0 {
		return rune(s)
	}
	return r
}
