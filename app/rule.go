package app

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// showHelpRules is for everybody: how lights and figures are worked out, from the
// rules as they are.
func (s *Server) showHelpRules(c echo.Context, b *models.Board) error {
	return s.show(c, b, http.StatusOK, "rules", "rules.title", views.HelpRulesPage(b.MayGovern(models.GovernRules)))
}

func (s *Server) showRules(c echo.Context, b *models.Board) error {
	values := inWriting(b.Rules())
	if c.QueryParam("preset") != "" { // filled in, and not saved
		values = inWriting(models.Preset())
	}
	return s.showRulesPage(c, b, http.StatusOK, views.RulesView{Values: values, Seen: b.Rules().Version})
}

func (s *Server) showRulesPage(c echo.Context, b *models.Board, status int, v views.RulesView) error {
	changes, err := b.RuleChanges()
	if err != nil {
		return err
	}
	var ids []int64
	for _, change := range changes {
		ids = append(ids, change.ByID)
	}
	names, err := b.NamesOf(ids)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	for n, change := range changes {
		version := views.RuleVersion{Version: change.Version, Who: names[change.ByID].FullName, Why: change.Why, First: change.ByID == 0,
			At: text.Moment(ctx, change.At.In(b.Now().Location()), string(b.Today()))}
		if version.First {
			version.Who = text.T(ctx, "trail.clerk")
		}
		if n+1 < len(changes) {
			version.Changes = models.RuleDifferences(changes[n+1].Rules, change.Rules)
		}
		v.Changes = append(v.Changes, version)
	}
	return s.show(c, b, status, "rules", "rules.edit.title", views.RulesPage(v))
}

// inWriting are the rules as a form has them.
func inWriting(r models.Rules) map[string]string {
	values := map[string]string{}
	for _, f := range models.RuleFields() {
		values[f.Name()] = f.Of(r)
	}
	return values
}

// typedRules is what a form of the rules was filled in with, by field. The boxes of
// who signs and the rows of who verifies are put together as the rules write them;
// the head always signs.
func typedRules(c echo.Context) (values map[string]string, why string, version int) {
	values = map[string]string{}
	form := c.Request().Form
	for _, f := range models.RuleFields() {
		value := c.FormValue(f.Name())
		switch f.Kind {
		case models.RuleSigns:
			if value = strings.Join(form[f.Name()], ","); !strings.Contains(value, string(models.Head)) {
				value = strings.TrimPrefix(value+","+string(models.Head), ",")
			}
		case models.RuleVerifiers:
			categories, by := form[f.Name()+".category"], form[f.Name()+".by"]
			if len(categories) == 0 {
				break // the second step, which has them written already
			}
			var pairs []string
			for n, category := range categories {
				if category = strings.TrimSpace(category); category != "" && n < len(by) {
					pairs = append(pairs, category+":"+by[n])
				}
			}
			value = strings.Join(pairs, ";")
		}
		values[f.Name()] = strings.TrimSpace(value)
	}
	return values, strings.TrimSpace(c.FormValue("why")), seenVersion(c)
}

// draftRules is the first of two steps: it says what would change, and writes
// nothing.
func (s *Server) draftRules(c echo.Context, b *models.Board) error {
	values, why, version := typedRules(c)
	if c.FormValue("again") != "" {
		return s.showRulesPage(c, b, http.StatusOK, views.RulesView{Values: values, Seen: version, Why: why})
	}
	return s.foretell(c, b, values, why, version, http.StatusOK)
}

// foretell shows what these values would change, or the form again with what is
// wrong with them.
func (s *Server) foretell(c echo.Context, b *models.Board, values map[string]string, why string, version, status int) error {
	stale := version != b.Rules().Version
	to, err := models.ReadRules(b.Rules(), func(name string) string { return values[name] })
	var problems models.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	if why == "" {
		problems.Add("why", "required")
	}
	if problems != nil {
		return s.showRulesPage(c, b, http.StatusUnprocessableEntity, views.RulesView{Values: values, Seen: version, Why: why, Problems: problems})
	}
	v := views.RulesDraftView{Values: values, Seen: b.Rules().Version, Why: why, Stale: stale, Differences: models.RuleDifferences(b.Rules(), to)}
	if len(v.Differences) == 0 {
		return s.showRulesPage(c, b, http.StatusOK, views.RulesView{Values: values, Seen: v.Seen, Why: why, Same: true})
	}
	if v.Effects, err = b.RuleEffects(to); err != nil {
		return err
	}
	return s.show(c, b, status, "rules", "rules.draft.title", views.RulesDraftPage(v))
}

// changeRules is the second step. When somebody was first, what would change is
// shown anew, against the rules as they are now.
func (s *Server) changeRules(c echo.Context, b *models.Board) error {
	values, why, version := typedRules(c)
	if version != b.Rules().Version {
		return s.foretell(c, b, values, why, version, http.StatusConflict)
	}
	to, err := models.ReadRules(b.Rules(), func(name string) string { return values[name] })
	if err == nil {
		err = b.ChangeRules(to, why)
	}
	var problems models.Problems
	switch {
	case errors.As(err, &problems):
		return s.showRulesPage(c, b, http.StatusUnprocessableEntity, views.RulesView{Values: values, Seen: version, Why: why, Problems: problems})
	case errors.Is(err, models.ErrStale):
		fresh := s.store.Board(c.Request().Context(), b.Me())
		return s.foretell(c, fresh, values, why, version, http.StatusConflict)
	case err != nil:
		return err
	}
	s.session.say(c, "rules.saved")
	return goTo(c, views.RulesEditLink)
}
