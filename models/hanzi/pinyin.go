package hanzi

import (
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The common characters of GB 2312 are in the order of their sounds: these are the first
// of each initial, and the initials.
const (
	firstOfInitial = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
	initialLetters = "abcdefghjklmnopqrstwxyz"
)

// oddInitials are characters of names that stand elsewhere in the character set, each
// before its initial.
const oddInitials = "喆z堃k玥y珺j镕r垚y赟y翀c昇s瑄x祎y鑫x淼m晟s昊h玮w琦q琪q瑾j瑜y璐l璇x璟j珂k珏j妍y婷t婧j嫣y倩q筱x菁j蕾l蓓b茜q芮r烨y煜y炜w熠y钰y锴k霖l雯w颖y骅h骏j麒q麟l黛d彧y宸c峥z嵘r岚l嵩s恺k懿y旻m昕x晖h暄x曦x楠n桦h沁q泓h洵x涵h淇q淳c滢y潇x澍s瀚h灏h奕y翊y轩x闫y邹z郝h邵s邓d冯f阎y佟t仝t亓q冼x岑c卞b靳j郜g郗x郇x鄢y闵m阚k滕t濮p褚c蔺l芦l茹r荀x莘s晁c晏y晋j逄p逯l嵇j"

// surnames are those that are said otherwise than the same character elsewhere.
const surnames = "单s曾z仇q解x区o查z缪m乐y朴p翟z盖g"

var (
	initialsFrom = gbkCodes(firstOfInitial)
	oddInitial   = pairsOf(oddInitials)
	surnameOf    = pairsOf(surnames)
)

// commonTo is the last code of the characters in the order of their sounds.
const commonTo = 0xd7f9

// gbkCodes are the codes of some characters, in their order.
func gbkCodes(s string) (codes []int) {
	for _, r := range s {
		codes = append(codes, gbkCode(r))
	}
	return codes
}

// gbkCode is the code of a character in GBK, 0 for one that has none of two bytes.
func gbkCode(r rune) int {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(b) != 2 {
		return 0
	}
	return int(b[0])<<8 | int(b[1])
}

// pairsOf are characters and what follows each.
func pairsOf(s string) map[rune]rune {
	of, pairs := map[rune]rune{}, []rune(s)
	for n := 0; n+1 < len(pairs); n += 2 {
		of[pairs[n]] = pairs[n+1]
	}
	return of
}

// Initials are the first letters of the sounds of a name, as people type them to find it:
// 吴明 is wm, 单雄信 sxx. Letters and digits stay, in lower case; what has no sound here is
// left out.
func Initials(name string) string {
	var b strings.Builder
	for n, r := range []rune(strings.TrimSpace(name)) {
		r = Simplified(r)
		switch of, is := surnameOf[r]; {
		case is && n == 0:
			b.WriteRune(of)
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		case oddInitial[r] != 0:
			b.WriteRune(oddInitial[r])
		default:
			if code := gbkCode(r); code >= initialsFrom[0] && code <= commonTo {
				b.WriteByte(initialLetters[sort.SearchInts(initialsFrom, code+1)-1])
			}
		}
	}
	return b.String()
}
