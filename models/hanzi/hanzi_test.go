package hanzi_test

import (
	"strings"
	"testing"

	"duban/models/hanzi"
)

func TestTraditionalCharactersAreReadAsSimplified(t *testing.T) {
	for written, want := range map[string]string{
		"整改時限": "整改时限", "責任單位": "责任单位", "臘月底前": "腊月底前", "專項核驗": "专项核验", "專項檢查": "专项检查", "9月底前": "9月底前", "稅款帳目": "税款账目", "": "", "Due": "Due",
	} {
		if got := strings.Map(hanzi.Simplified, written); got != want {
			t.Errorf("%s is read as %s, want %s", written, got, want)
		}
	}
}

// A simplified character is never taken for another: what is read twice is as it was
// read once.
func TestWhatIsSimplifiedStays(t *testing.T) {
	for r := rune(0x3000); r < 0xA000; r++ {
		if once := hanzi.Simplified(r); hanzi.Simplified(once) != once {
			t.Errorf("%c, %c, %c", r, once, hanzi.Simplified(once))
		}
	}
}

func TestANameHasInitials(t *testing.T) {
	for name, want := range map[string]string{
		"吴明": "wm", "单雄信": "sxx", "简单": "jd", "曾庆华": "zqh", "经济发展局": "jjfzj", "欧阳娜娜": "oynn", "喆堃": "zk", "宋佳 A1": "sja1", "陳立群": "clq", "": "", "（）": "",
		"啊匝座": "azz", "昔压": "xy",
	} {
		if got := hanzi.Initials(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
