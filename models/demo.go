package models

import (
	"cmp"
	"context"
	"duban/models/deadline"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
)

// HasDemo says whether demonstration data are in the register.
func (s *Store) HasDemo(ctx context.Context) (bool, error) {
	var n int64
	err := s.db.WithContext(ctx).Model(&Round{}).Where("demo = ?", true).Limit(1).Count(&n).Error
	return n > 0, err
}

// FillDemo fills an empty register with the demonstration round, as it stands
// today: eight units, their people, and forty-eight items with their history,
// which is told through the same doors that people use. A register that holds
// anything already is left alone; filled is then false.
func (s *Store) FillDemo(ctx context.Context, password string) (filled bool, err error) {
	var p Problems
	if passwordProblem(&p, password, User{}); p != nil {
		return false, Refused{Key: p[0].Key, Args: p[0].Args}
	}
	var n int64
	if err := s.db.WithContext(ctx).Model(&User{}).Limit(1).Count(&n).Error; err != nil || n > 0 {
		return false, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return false, err
	}
	demo := &demonstration{s: s, ctx: ctx, hash: hash, units: map[string]Unit{}, people: map[string]User{}}
	demo.today = s.Board(ctx, TheClerk).Today()
	if err := demo.begin(); err != nil {
		return false, fmt.Errorf("demonstration: %w", err)
	}
	demo.plan()
	for _, step := range demo.steps {
		if err := step.do(); err != nil {
			return false, fmt.Errorf("demonstration, %s: %w", step.at.Format(time.DateTime), err)
		}
	}
	return true, nil
}

// DemoPassword gives all demonstration accounts a new password.
func (s *Store) DemoPassword(ctx context.Context, password string) error {
	var p Problems
	if passwordProblem(&p, password, User{}); p != nil {
		return Refused{Key: p[0].Key, Args: p[0].Args}
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		b, deed := s.Board(ctx, TheClerk).in(tx).doing()
		err := b.db.Model(&User{}).Where("demo = ?", true).
			Updates(map[string]any{"password": hash, "failed_tries": 0, "locked_until": nil}).Error
		if err != nil {
			return err
		}
		return b.inscribeDeed("demo_password", deed, nil)
	})
}

// DemoPeople are the demonstration accounts, for the list of who can sign in.
func (s *Store) DemoPeople(ctx context.Context) ([]User, error) {
	var users []User
	err := s.db.WithContext(ctx).Where("demo = ?", true).Order("id").Find(&users).Error
	return users, err
}

// demonstration is the round while it is being told.
type demonstration struct {
	s      *Store
	ctx    context.Context
	hash   string
	today  Day
	round  Round
	units  map[string]Unit
	people map[string]User // by sign-in name
	steps  []demoStep
}

// demoStep is one deed of the story, at its moment.
type demoStep struct {
	at time.Time
	do func() error
}

// shift is a day of the story as it falls when today is the base day.
func (d *demonstration) shift(day Day) Day {
	if day == "" {
		return ""
	}
	return d.today.Plus(demoBase.DaysUntil(day))
}

// as is the register in that person's hands, at that moment.
func (d *demonstration) as(name string, at time.Time) *Board {
	b := d.s.Board(d.ctx, d.people[name])
	b.now = at.UTC()
	return b
}

// moment is an hour of a shifted day, in the place.
func (d *demonstration) moment(day Day, hour, minute int) time.Time {
	t := d.shift(day).Time()
	return time.Date(t.Year(), t.Month(), t.Day(), hour, minute, 0, 0, d.s.Zone)
}

// begin makes the units, the accounts and the round.
func (d *demonstration) begin() error {
	created := d.moment("2024-04-01", 9, 0).UTC()
	return d.s.db.WithContext(d.ctx).Transaction(func(tx *gorm.DB) error {
		b, deed := d.s.Board(d.ctx, TheClerk).in(tx).doing()
		tx = b.db
		add := func(u User) error {
			u.Password, u.Demo, u.CreatedAt = d.hash, true, created
			u.Email = u.Name + "@duban.example"
			err := tx.Create(&u).Error
			d.people[u.Name] = u
			return err
		}
		for _, u := range demoPeople {
			if err := add(u); err != nil {
				return err
			}
		}
		d.round = Round{Code: fmt.Sprintf("%d-1", d.today.Year()), Name: fmt.Sprintf("%d %s", d.today.Year(), demoRound), Year: d.today.Year(), Team: demoTeam,
			BeginsOn: d.shift(demoNotice.Plus(-14)), EndsOn: d.shift(demoReport), Demo: true}
		if err := tx.Create(&d.round).Error; err != nil {
			return err
		}
		for n, du := range demoUnits {
			unit := Unit{Name: du.name, Code: du.code, Seq: n + 1, Demo: true}
			if err := tx.Create(&unit).Error; err != nil {
				return err
			}
			d.units[du.code] = unit
			days := RoundUnit{RoundID: d.round.ID, UnitID: unit.ID, NoticeOn: d.shift(demoNotice), FeedbackOn: d.shift(demoReport), WindowEnd: d.shift(demoWindow)}
			if err := tx.Create(&days).Error; err != nil {
				return err
			}
			for _, u := range []User{
				{Name: du.code + "-head", FullName: du.head, Role: Head, UnitID: &unit.ID, Post: "党组书记、局长"},
				{Name: du.code + "-leader", FullName: du.leader, Role: Leader, UnitID: &unit.ID, Post: "副局长"},
				{Name: du.code + "-handler", FullName: du.handler, Role: Handler, UnitID: &unit.ID, Post: "综合处"},
			} {
				if err := add(u); err != nil {
					return err
				}
			}
		}
		if err := add(demoAuditor); err != nil {
			return err
		}
		return b.inscribeDeed("fill_demo", deed, nil)
	})
}

// plan sets every deed of the story on its moment, and puts them in order.
func (d *demonstration) plan() {
	registered := map[Tier]Day{Immediate: "2024-04-08", OnTheSpot: demoNotice, PostFeedback: demoReport}
	items := make([]Item, len(demoItems))
	for _, tier := range deadline.Tiers() {
		at := d.moment(registered[tier], 15, 40)
		d.steps = append(d.steps, demoStep{at, func() error {
			var news []NewItem
			var places []int
			for n, di := range demoItems {
				if di.tier == tier {
					news, places = append(news, d.news(di)), append(places, n)
				}
			}
			made, err := d.as("xuncha", at).Register(news...)
			for n, item := range made {
				items[places[n]] = item
			}
			return err
		}})
	}
	for n, di := range demoItems {
		d.story(di, &items[n])
	}
	// Every night the clerk flags what has become overdue.
	for night := demoNotice.Plus(-14); night <= demoBase; night = night.Plus(1) {
		at := d.moment(night, 0, 5)
		d.steps = append(d.steps, demoStep{at, func() error {
			b := d.s.Board(d.ctx, TheClerk)
			b.now = at.UTC()
			if _, err := b.RecordNights(); err != nil {
				return err
			}
			_, err := b.FlagOverdue()
			return err
		}})
	}
	slices.SortStableFunc(d.steps, func(a, z demoStep) int { return cmp.Compare(a.at.Unix(), z.at.Unix()) })
}

// news is an item as the office registers it.
func (d *demonstration) news(di demoItem) NewItem {
	due := di.due
	for _, e := range demoExtensions {
		if e.title == di.title && e.granted != "" {
			due = e.until
		}
	}
	n := NewItem{Tier: di.tier, RoundID: d.round.ID, UnitID: d.units[di.unit].ID, Title: di.title, Category: di.category,
		Problem: di.title + "。", Standard: "问题整改到位，制度印发执行，抽查未再发生。", Leader: di.leader, Handler: d.people[di.unit+"-handler"].FullName,
		Department: "综合处", Source: "巡察反馈意见", DueOn: d.shift(due), Demo: true}
	told := di.title == demoTold.title
	if told {
		n.Problem, n.Standard, n.Source, n.Department = demoTold.problem, demoTold.standard, demoTold.source, "产业发展处"
	}
	for k := range di.of {
		m := Measure{Text: demoMeasures[k%len(demoMeasures)], Leader: di.leader, Department: "综合处", Owners: []string{n.Handler}, DueOn: d.shift(di.due)}
		if di.of > len(demoMeasures) { // one for each case to be settled
			m.Text = fmt.Sprintf("第 %d 件办结并答复当事人", k+1)
		}
		if told {
			m.Text, m.Owners = demoTold.measures[k], []string{demoTold.owners[k]}
		}
		m.DeadlinePhrase = string(m.DueOn)
		n.Measures = append(n.Measures, m)
	}
	return n
}

// story is what happened to one item after it was registered.
func (d *demonstration) story(di demoItem, item *Item) {
	handler, head := di.unit+"-handler", di.unit+"-head"
	add := func(at time.Time, do func(at time.Time) (Item, error)) {
		d.steps = append(d.steps, demoStep{at, func() (err error) {
			fresh, err := do(at)
			if err == nil {
				*item = fresh
			}
			return err
		}})
	}
	begun := map[Tier]Day{Immediate: "2024-04-08", OnTheSpot: demoNotice, PostFeedback: demoReport}[di.tier]
	told := di.title == demoTold.title
	add(d.moment(begun, 16, 50), func(at time.Time) (Item, error) { return d.as(handler, at).Acknowledge(*item) })
	for k := range di.done {
		// Measures are ticked off one after another, the last no later than the
		// last word was said.
		on := begun.Plus(1 + k*max(0, begun.DaysUntil(di.last)-1)/max(1, di.done))
		add(d.moment(on, 10, 5+k), func(at time.Time) (Item, error) {
			b := d.as(handler, at)
			measures, err := b.Measures(*item)
			if err != nil {
				return Item{}, err
			}
			result := demoResult
			if told {
				result = demoTold.results[k]
			}
			done, err := b.CompleteMeasure(*item, measures[k].ID, result)
			if err != nil {
				return Item{}, err
			}
			return b.AddEvidence(done, Evidence{MeasureID: &measures[k].ID, DocNo: fmt.Sprintf(demoDocNo, d.today.Year(), item.ID*10+int64(k)%10)})
		})
	}
	if told {
		for _, note := range demoTold.notes {
			add(d.moment(note.on, 16, 20), func(at time.Time) (Item, error) { return d.as(handler, at).Report(*item, note.text, nil) })
		}
	}
	if di.said != "" {
		add(d.moment(di.last, 16, 20), func(at time.Time) (Item, error) { return d.as(handler, at).Report(*item, di.said, nil) })
	}
	if di.submitted != "" {
		for minute, who := range []string{handler, di.unit + "-leader", head} {
			add(d.moment(di.submitted, 16, 30+10*minute), func(at time.Time) (Item, error) { return d.signature(*item, who, at) })
		}
		add(d.moment(di.submitted, 17, 10), func(at time.Time) (Item, error) { return d.as(head, at).Submit(*item) })
	}
	if di.closed != "" {
		by := "jiwei"
		if slices.Equal(Preset().VerifiedBy(di.category).Bodies(), []Body{Dangqun}) {
			by = "dangqun"
		}
		add(d.moment(di.closed, 17, 30), func(at time.Time) (Item, error) { return d.as(by, at).Close(*item, demoOpinion) })
	}
	for _, e := range demoExtensions {
		if e.title != di.title {
			continue
		}
		until := di.due
		if e.granted == "" {
			until = e.until
		}
		add(d.moment(e.asked, 9, 20), func(at time.Time) (Item, error) {
			return d.as(handler, at).AskExtension(*item, d.shift(until), e.reason)
		})
		if e.granted != "" {
			add(d.moment(e.granted, 11, 2), func(at time.Time) (Item, error) {
				b := d.as("jiwei", at)
				asked, err := b.PendingExtension(*item)
				if err != nil {
					return Item{}, err
				}
				return b.GrantExtension(*item, asked.ID, e.words, e.docNo)
			})
		}
	}
}

// signature is that person's under what is to be handed in, if the rules ask for one.
// Nobody types a password here: it is the one the demonstration began with.
func (d *demonstration) signature(item Item, who string, at time.Time) (Item, error) {
	b := d.as(who, at)
	if !b.May(SignItem, item) {
		return item, nil
	}
	return b.sign(item)
}

// farewellDemo enters into the trail that the demonstration's items go. What was done
// in it stays there, for nothing is ever taken out of the trail.
func (b *Board) farewellDemo() error {
	var ids []int64
	if err := b.db.Model(&Item{}).Where("demo = ?", true).Order("id").Pluck("id", &ids).Error; err != nil {
		return err
	}
	for some := range slices.Chunk(ids, batch) {
		events, err := b.farewell(Act(RemoveDemo), some, nil)
		if err != nil {
			return err
		}
		if err := b.inscribe(events...); err != nil {
			return err
		}
	}
	return nil
}

// RemoveDemo takes all demonstration data away and returns how many items went. A
// demonstration unit, round or person that real items have come to depend on
// stays, no longer marked; such a person can no longer sign in.
func (b *Board) RemoveDemo() (removed int64, err error) {
	err = b.govern(RemoveDemo, func(tx *gorm.DB) (Particulars, error) {
		before, err := b.in(tx).survey()
		if err != nil {
			return nil, err
		}
		gone := tx.Model(&Item{}).Select("id").Where("demo = ?", true)
		people := tx.Model(&User{}).Select("id").Where("demo = ?", true)
		for _, table := range []string{"mails", "digests", "supervisor_scopes"} {
			if err := tx.Exec("DELETE FROM "+table+" WHERE user_id IN (?)", people).Error; err != nil {
				return nil, err
			}
		}
		if err := forgetNights(tx, gone); err != nil {
			return nil, err
		}
		if err := tx.Exec("DELETE FROM notices WHERE user_id IN (?) OR item_id IN (?)", people, gone).Error; err != nil {
			return nil, err
		}
		for _, table := range []string{"item_words", "progress", "evidence", "measures", "rechecks"} {
			if err := tx.Exec("DELETE FROM "+table+" WHERE item_id IN (?)", gone).Error; err != nil {
				return nil, err
			}
		}
		if err := b.in(tx).farewellDemo(); err != nil {
			return nil, err
		}
		items := tx.Where("demo = ?", true).Delete(&Item{})
		if items.Error != nil {
			return nil, items.Error
		}
		removed = items.RowsAffected
		kept := []string{
			"DELETE FROM files WHERE NOT EXISTS (SELECT 1 FROM evidence WHERE evidence.file_id = files.id)",
			// Rules that were only ever changed in the demonstration were tried out, not made.
			"DELETE FROM rules WHERE version > 1 AND NOT EXISTS (SELECT 1 FROM rules AS made WHERE made.version > 1 AND made.by_id NOT IN (SELECT id FROM users WHERE demo = TRUE))",
			"DELETE FROM recheck_draws WHERE NOT EXISTS (SELECT 1 FROM rechecks WHERE rechecks.draw_id = recheck_draws.id)",
			"DELETE FROM handovers WHERE from_id IN (SELECT id FROM users WHERE demo = TRUE) OR to_id IN (SELECT id FROM users WHERE demo = TRUE)",
			"DELETE FROM counters WHERE NOT EXISTS (SELECT 1 FROM items WHERE items.number LIKE counters.name || '-%')",
			"UPDATE rounds SET demo = FALSE WHERE demo = TRUE AND id IN (SELECT round_id FROM items UNION SELECT round_id FROM imports)",
			"UPDATE units SET demo = FALSE WHERE demo = TRUE AND (id IN (SELECT unit_id FROM items UNION SELECT unit_id FROM imports WHERE unit_id IS NOT NULL) OR id IN (SELECT unit_id FROM users WHERE demo = FALSE AND unit_id IS NOT NULL)" +
				" OR id IN (SELECT unit_id FROM supervisor_scopes WHERE unit_id IS NOT NULL) OR id IN (SELECT unit_id FROM handovers))",
			"UPDATE users SET demo = FALSE, disabled = TRUE WHERE demo = TRUE AND (id IN (SELECT actor_id FROM events WHERE item_id IN (SELECT id FROM items)) OR id IN (SELECT by_id FROM progress) OR id IN (SELECT by_id FROM imports) OR id IN (SELECT by_id FROM recheck_draws) OR id IN (SELECT by_id FROM rechecks) OR id IN (SELECT done_by FROM measures)" +
				" OR id IN (SELECT leader_id FROM items WHERE leader_id IS NOT NULL) OR id IN (SELECT handler_id FROM items WHERE handler_id IS NOT NULL))",
			"DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE demo = TRUE OR disabled = TRUE)",
			"UPDATE units SET demo = FALSE WHERE demo = TRUE AND id IN (SELECT unit_id FROM users WHERE demo = FALSE AND unit_id IS NOT NULL)",
			"DELETE FROM round_units WHERE round_id IN (SELECT id FROM rounds WHERE demo = TRUE) OR unit_id IN (SELECT id FROM units WHERE demo = TRUE)",
			"DELETE FROM users WHERE demo = TRUE",
			"DELETE FROM units WHERE demo = TRUE",
			"DELETE FROM rounds WHERE demo = TRUE",
		}
		for _, statement := range kept {
			if err := tx.Exec(statement).Error; err != nil {
				return nil, err
			}
		}
		return Particulars{"items": fmt.Sprint(removed)}, b.in(tx).surveyed(before)
	})
	return removed, err
}
