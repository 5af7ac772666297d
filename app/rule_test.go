package app

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"duban/models"
)

// rulesForm is the form of the rules as the office would send it, with these fields
// written otherwise: names and values by turns.
func rulesForm(b *models.Board, but ...string) []string {
	values := inWriting(b.Rules())
	for n := 0; n+1 < len(but); n += 2 {
		values[but[n]] = but[n+1]
	}
	form := []string{"version", fmt.Sprint(b.Rules().Version)}
	for name, value := range values {
		switch {
		case name == "why":
			form = append(form, name, value)
		case strings.HasSuffix(name, ".signs"):
			for _, role := range strings.Split(value, ",") {
				if role != string(models.Head) { // its box is not sent
					form = append(form, name, role)
				}
			}
		case name == "verifiers":
			for _, pair := range strings.Split(value+";:any", ";") { // the last row is empty
				word, by, _ := strings.Cut(pair, ":")
				form = append(form, "verifiers.category", word, "verifiers.by", by)
			}
		default:
			form = append(form, name, value)
		}
	}
	return form
}

// hidden are the fields of the second step, as the first step's page has them.
func (a *answer) hidden(t *testing.T) []string {
	t.Helper()
	_, form, ok := strings.Cut(a.body, `action="/rules" class="inline"`)
	if !ok {
		t.Fatalf("no second step: %s", a.words())
	}
	form, _, _ = strings.Cut(form, "</form>")
	var pairs []string
	for _, part := range strings.Split(form, "<input")[1:] {
		var name, value string
		if _, after, ok := strings.Cut(part, `name="`); ok {
			name, _, _ = strings.Cut(after, `"`)
		}
		if _, after, ok := strings.Cut(part, `value="`); ok {
			value, _, _ = strings.Cut(after, `"`)
		}
		if name != "csrf" {
			pairs = append(pairs, name, unescape(value))
		}
	}
	return pairs
}

func TestTheOfficeSeesWhatARuleWouldChangeBeforeItIsSaved(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		for _, days := range []int{12, 13, 20} {
			s.Registered(models.Day("2026-03-02").Plus(days))
		}
		office := s.as(s.Office)
		office.get("/rules").want(http.StatusOK).wantWords("规则设置", "反馈整改", says("rule.source.soon"), says("rules.first"), "八项规定")

		draft := office.post("/rules/draft", rulesForm(s.As(s.Office), "fk.soon", "14", "review_days", "3", "verifiers", "八项规定:both", "why", "领导小组会议决定")...)
		draft.want(http.StatusOK).wantWords("反馈整改：2 项变为临期", "反馈整改·临期 10 天 14 天", "审核时限 5 个工作日 3 个工作日", "八项规定 → 两个部门都核验", "领导小组会议决定", says("rules.effects.note"))
		if s.As(s.Office).Rules().Version != 1 {
			t.Fatal("the first step saved something")
		}
		back := office.post("/rules/draft", append(draft.hidden(t), "again", "1")...)
		back.want(http.StatusOK).wantWords("规则设置", "14", "领导小组会议决定")

		office.post("/rules", draft.hidden(t)...).wantGoTo("/rules")
		office.get("/rules").want(http.StatusOK).wantWords(says("rules.saved"), "规则第 2 版", "反馈整改·临期：10 天 → 14 天", "领导小组会议决定")
		rules := s.As(s.Office).Rules()
		if rules.PostFeedback.Soon != 14 || rules.ReviewDays != 3 || rules.VerifiedBy("八项规定") != models.ByBoth || !rules.SignedBy(models.PostFeedback, models.Head) {
			t.Errorf("saved %+v", rules)
		}
		office.get("/rules?preset=1").want(http.StatusOK).wantWords("规则第 2 版")
		if values := office.get("/rules?preset=1").body; !strings.Contains(values, `name="fk.soon" type="text" value="10"`) {
			t.Error("the presets are not filled in")
		}
		// The figures follow on every page, and everybody reads the rules they follow.
		s.as(s.Wu).get("/board").wantWords("临期")
		tally, err := s.As(s.Wu).Tally(models.Filter{})
		if err != nil || tally.Soon() != 2 {
			t.Errorf("%d soon, %v", tally.Soon(), err)
		}
		s.as(s.Wu).get("/help/rules").want(http.StatusOK).wantWords("规则第 2 版", "14 天", "3 个工作日", "八项规定 → 两个部门都核验").wantNone(`href="/rules"`)
	})
}

func TestARuleThatCannotBeIsSaidAtItsField(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		a := office.post("/rules/draft", rulesForm(s.As(s.Office), "fk.soon", "很多", "age_ends", "30,7", "verifiers", "四风:jiwei;四风:both")...)
		a.want(http.StatusUnprocessableEntity).wantWords("有 4 处需要改正", says("rule.number", 0, 90), says("rule.three_numbers"), says("rule.verifiers.twice", "四风"), says("required"), "很多")
		for _, id := range []string{`id="p-fk.soon"`, `id="p-age_ends"`, `id="p-verifiers"`, `id="p-why"`} {
			if !strings.Contains(a.body, id) {
				t.Errorf("nothing is said at %s", id)
			}
		}
		office.post("/rules", rulesForm(s.As(s.Office), "fk.soon", "91", "why", "试试")...).want(http.StatusUnprocessableEntity).wantWords(says("rule.number", 0, 90))
		office.post("/rules/draft", rulesForm(s.As(s.Office), "why", "没有改动")...).want(http.StatusOK).wantWords(says("rules.same"))
		if v := s.As(s.Office).Rules().Version; v != 1 {
			t.Errorf("version %d", v)
		}
	})
}

func TestAChangeConfirmedFromAnOldPageIsShownAnew(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		first, second := s.as(s.Office), s.as(s.Office)
		first.get("/rules").want(http.StatusOK)
		second.get("/rules").want(http.StatusOK)
		a := first.post("/rules/draft", rulesForm(s.As(s.Office), "idle_days", "21", "why", "放宽")...)
		z := second.post("/rules/draft", rulesForm(s.As(s.Office), "idle_days", "10", "why", "收紧")...)
		first.post("/rules", a.hidden(t)...).wantGoTo("/rules")
		late := second.post("/rules", z.hidden(t)...)
		late.want(http.StatusConflict).wantWords(says("rules.stale"), "21 天 10 天", "收紧")
		if days := s.As(s.Office).Rules().IdleDays; days != 21 {
			t.Errorf("%d idle days: what was confirmed against other rules was saved", days)
		}
		second.post("/rules", late.hidden(t)...).wantGoTo("/rules")
		if days := s.As(s.Office).Rules().IdleDays; days != 10 {
			t.Errorf("%d idle days, want what was confirmed anew", days)
		}
	})
}

func TestTheRulesPageIsWholeInEnglish(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		office := s.as(s.Office)
		office.post("/language", "language", "en", "here", "/rules").wantGoTo("/rules")
		for _, path := range []string{"/rules", "/help/rules"} {
			a := office.get(path).want(http.StatusOK)
			for _, key := range []string{"rule.", "rules.", "%!"} {
				if strings.Contains(a.words(), key) {
					t.Errorf("%s shows a key: %s", path, a.words())
				}
			}
		}
		draft := office.post("/rules/draft", rulesForm(s.As(s.Office), "fk.unit", "workdays", "fk.days", "60", "lx.from", "found", "jz.signs", "handler,leader,head", "jz.reminders", "2", "verify_else", "both",
			"extension_times", "1", "recheck_share", "20", "why", "By decision")...)
		draft.want(http.StatusOK).wantWords("After feedback · Default term")
		if strings.Contains(draft.words(), "rule.") || strings.Contains(draft.words(), "%!") {
			t.Errorf("a key is shown: %s", draft.words())
		}
	})
}
