package ledger_test

import (
	"testing"

	"duban/models/ledger"
)

func TestWhatALedgerSaysIsDone(t *testing.T) {
	for word, done := range map[string]bool{
		"已完成": true, "完成": true, "已全部整改完成": true, "整改完成": true, "已完成整改": true, "整改到位": true, "已整改到位": true, "已销号": true, "办结": true,
		"是": true, "√": true, "100%": true, "已整改": true, "Closed": true, " 已完成。": true, "已完成；已完成": true, "已完成，长期坚持": true, "已完成并长期坚持": true, "均已整改": true, "全部完成": true,
		"台账载明已完成": true, "台账载明已完成，待核验": false,
		"": false, "未完成": false, "基本完成": false, "部分完成": false, "阶段性完成": false, "整改中": false, "正在整改": false, "长期坚持": false, "否": false, "×": false,
		"已完成；整改中": false, "整改": false, "持续推进": false, "已启动": false, "达到序时进度": false, "争取年底完成": false, "已完成80%": false, "待销号": false, "尚未销号": false, "不涉及": false,
	} {
		if ledger.StatesDone(word) != done {
			t.Errorf("%q is done: %v", word, !done)
		}
	}
}
