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
		for _, table := range []string{"item_words", "item_words_due", "progress", "evidence", "measures", "rechecks"} {
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
			"DELETE FROM recheck_draws WHERE NOT EXISTS (SELECT 1 FROM rechecks WHERE rechecks.draw_id = recheck_draws.id) AND NOT EXISTS (SELECT 1 FROM stated_samples WHERE stated_samples.draw_id = recheck_draws.id)",
			"DELETE FROM handovers WHERE from_id IN (SELECT id FROM users WHERE demo = TRUE) OR to_id IN (SELECT id FROM users WHERE demo = TRUE)",
			"DELETE FROM counters WHERE NOT EXISTS (SELECT 1 FROM items WHERE items.number LIKE counters.name || '-%')",
			"UPDATE rounds SET demo = FALSE WHERE demo = TRUE AND id IN (SELECT round_id FROM items UNION SELECT round_id FROM imports)",
			"UPDATE units SET demo = FALSE WHERE demo = TRUE AND (id IN (SELECT unit_id FROM items UNION SELECT unit_id FROM imports WHERE unit_id IS NOT NULL) OR id IN (SELECT unit_id FROM users WHERE demo = FALSE AND unit_id IS NOT NULL)" +
				" OR id IN (SELECT unit_id FROM supervisor_scopes WHERE unit_id IS NOT NULL) OR id IN (SELECT unit_id FROM handovers))",
			"UPDATE users SET demo = FALSE, disabled = TRUE WHERE demo = TRUE AND (id IN (SELECT actor_id FROM events WHERE item_id IN (SELECT id FROM items)) OR id IN (SELECT by_id FROM progress) OR id IN (SELECT by_id FROM imports) OR id IN (SELECT by_id FROM recheck_draws) OR id IN (SELECT by_id FROM rechecks) OR id IN (SELECT by_id FROM stated_samples) OR id IN (SELECT done_by FROM measures)" +
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

// The demonstration round, as it stands on its base day. Every unit, person and
// problem is invented. Days are shifted so that the base day is today.

const demoBase Day = "2024-07-08"

// demoUnits are the units in their order, each with its head, a leader and a
// handler.
var demoUnits = []struct{ name, code, head, leader, handler string }{
	{"经济发展局", "jfj", "周明远", "陈立群", "李慧"},
	{"自然资源和规划局", "zrj", "罗文博", "沈启航", "秦露"},
	{"建设和交通局", "jtj", "郑国栋", "蒋海燕", "程鹏"},
	{"财政局", "czj", "冯静", "唐绍军", "马俊"},
	{"行政审批局", "xsj", "邓凯", "韩雪梅", "方敏"},
	{"社会事业局", "shj", "陶建新", "曾庆华", "孙毅"},
	{"城市管理局", "cgj", "贺正平", "许志远", "魏涛"},
	{"投资促进局", "tcj", "何东升", "宋佳", "叶青"},
}

// demoPeople are those of no unit.
var demoPeople = []User{
	{Name: "jiwei", FullName: "何晓岚", Role: Supervisor, Body: "新区纪工委", BodyCode: Jiwei},
	{Name: "dangqun", FullName: "苏文", Role: Supervisor, Body: "党群工作部", BodyCode: Dangqun},
	{Name: "xuncha", FullName: "郭颖", Role: Office, Body: "巡察办"},
	{Name: "zhuguan", FullName: "梁启明", Role: Principal, Body: "新区党工委"},
	{Name: "admin", FullName: "系统管理员", Role: SysAdmin, Body: "综合办公室"},
}

// demoAuditor reads the trail and sees nothing else.
var demoAuditor = User{Name: "shenji", FullName: "周正", Role: Auditor, Body: "安全审计"}

const (
	demoRound  = "年第一轮巡察"
	demoTeam   = "第一巡察组"
	demoNotice = Day("2024-05-13")
	demoReport = Day("2024-06-03")
	demoWindow = Day("2024-09-03")
)

// demoItem is one item: when it is due, how many of its measures are done, what
// was last said of it and when, when it was handed in and struck off.
type demoItem struct {
	tier      Tier
	unit      string
	title     string
	category  string
	leader    string
	done, of  int
	due       Day
	last      Day
	said      string
	submitted Day
	closed    Day
}

// demoItems are in the order of their numbers within each tier.
var demoItems = []demoItem{
	{Immediate, "jfj", "固定资产卡片与实物不符 37 件", "资产管理", "陈立群", 2, 2, "2024-04-30", "2024-04-28", "逐件核对，补登 31 件、核销 6 件", "2024-04-28", "2024-04-30"},
	{Immediate, "jfj", "干部年度考核档案未及时归档", "选人用人", "周明远", 2, 2, "2024-04-30", "2024-04-28", "三个年度考核档案已全部归档", "2024-04-29", "2024-04-30"},
	{Immediate, "zrj", "处室岗位廉政风险点三年未更新", "八项规定", "沈启航", 2, 2, "2024-04-30", "2024-04-26", "重新排查 12 个处室，更新风险点 46 个", "2024-04-26", "2024-04-29"},
	{Immediate, "zrj", "外出培训未履行审批手续 2 批次", "八项规定", "罗文博", 2, 2, "2024-04-30", "2024-04-25", "补办手续，修订培训审批流程", "2024-04-26", "2024-04-29"},
	{Immediate, "jtj", "党支部“三会一课”记录不完整", "党的建设", "蒋海燕", 2, 2, "2024-04-26", "2024-04-23", "补记并建立月度抽查", "2024-04-24", "2024-04-25"},
	{Immediate, "jtj", "办公用品领用没有台账", "资产管理", "郑国栋", 1, 1, "2024-04-24", "2024-04-19", "建立领用台账，专人登记", "2024-04-19", "2024-04-22"},
	{Immediate, "czj", "临时借款三个月未销账 4 笔", "财务管理", "唐绍军", 2, 2, "2024-04-24", "2024-04-18", "4 笔借款全部销账", "2024-04-18", "2024-04-19"},
	{Immediate, "cgj", "值班表与实际值班人员不符", "工作作风", "许志远", 1, 1, "2024-04-22", "2024-04-16", "改为电子签到，每周公示", "2024-04-17", "2024-04-18"},
	{Immediate, "tcj", "企业诉求台账超时限未答复 5 件", "营商环境", "宋佳", 1, 2, "2024-04-30", "2024-06-12", "5 件诉求已答复 3 件，剩余 2 件待与财政部门会商", "", ""},
	{Immediate, "tcj", "招商接待公函缺失 3 次", "八项规定", "何东升", 1, 1, "2024-04-22", "2024-04-15", "补齐公函，重申一函一单", "2024-04-16", "2024-04-17"},

	{OnTheSpot, "xsj", "以会议贯彻会议，同类专题会一周 5 次", "形式主义", "韩雪梅", 2, 2, "2024-06-05", "2024-05-29", "会议合并为每周 1 次，压减 60%", "2024-05-29", "2024-05-31"},
	{OnTheSpot, "czj", "差旅费超标准报销 1.28 万元未清退", "八项规定", "唐绍军", 1, 3, "2024-06-20", "2024-06-25", "已清退 0.46 万元，其余正在核对出差审批单", "", ""},
	{OnTheSpot, "tcj", "考察学习变相旅游 1 批次 6 人", "八项规定", "何东升", 3, 3, "2024-06-07", "2024-05-29", "费用全部清退，6 人批评教育", "2024-05-29", "2024-05-31"},
	{OnTheSpot, "tcj", "调研走过场，同一企业三个月内被走访 7 次", "形式主义", "何东升", 3, 3, "2024-06-28", "2024-06-27", "建立走访统筹表，企业走访每季度不超过 1 次", "2024-06-27", ""},
	{OnTheSpot, "cgj", "违规发放加班误餐补助 3.6 万元", "八项规定", "许志远", 2, 4, "2024-05-31", "2024-06-30", "2.1 万元已清退，余 1.5 万元涉及 3 名离职人员", "", ""},
	{OnTheSpot, "xsj", "文件层层转发，批示代替落实", "形式主义", "邓凯", 2, 2, "2024-05-28", "2024-05-20", "明确转发须附本级措施", "2024-05-21", "2024-05-22"},
	{OnTheSpot, "zrj", "文件照抄照转，未结合实际细化措施", "形式主义", "沈启航", 1, 2, "2024-07-12", "2024-07-02", "已清理照抄文件 9 件，正在修订发文审核办法", "", ""},
	{OnTheSpot, "jtj", "下属单位公车私用 2 次", "八项规定", "郑国栋", 2, 2, "2024-06-14", "2024-07-01", "费用追缴到位，车辆全部加装定位", "2024-07-02", "2024-07-03"},
	{OnTheSpot, "shj", "培训班安排在风景名胜区举办", "八项规定", "曾庆华", 2, 2, "2024-05-30", "2024-05-22", "取消后续班次，责任人作检查", "2024-05-22", "2024-05-24"},
	{OnTheSpot, "jfj", "惠企奖补材料重复提交，企业“多头跑”", "营商环境", "陈立群", 2, 3, "2024-07-10", "2024-07-04", "材料由 11 项减为 4 项，正在开通一窗受理", "", ""},
	{OnTheSpot, "xsj", "工作群 23 个未清理，重复报数", "形式主义", "邓凯", 3, 3, "2024-07-05", "2024-07-03", "解散 19 个，保留 4 个并指定管理员", "2024-07-03", ""},
	{OnTheSpot, "cgj", "超标准配备办公家具", "八项规定", "许志远", 2, 2, "2024-06-21", "2024-07-01", "超标家具调剂使用，建立配置台账", "2024-07-01", "2024-07-02"},
	{OnTheSpot, "shj", "会议费列支无会议通知和签到", "财务管理", "曾庆华", 1, 2, "2024-07-01", "2024-06-28", "补齐 4 次会议通知，另 2 次无法补正", "", ""},
	{OnTheSpot, "shj", "节日慰问品发放范围扩大", "八项规定", "陶建新", 2, 2, "2024-05-28", "2024-05-20", "超范围部分全部退回", "2024-05-20", "2024-05-21"},

	{PostFeedback, "jfj", "“三重一大”事项集体决策程序执行不严", "民主集中制", "周明远", 3, 4, "2024-07-10", "2024-07-05", "修订议事规则，补录 2023 年以来会议纪要 21 份", "", ""},
	{PostFeedback, "shj", "党建与业务“两张皮”，考核权重偏低", "党的建设", "陶建新", 3, 3, "2024-07-05", "2024-06-26", "党建考核权重由 10% 提高到 30%", "2024-06-27", "2024-06-30"},
	{PostFeedback, "jfj", "企业奖补资金拨付不及时，平均滞后 47 天", "企业奖补", "陈立群", 2, 4, "2024-06-30", "2024-07-05", "新增拨付 6 笔 480 万元，累计 31 笔、2860 万元。剩余 12 笔中，9 笔待企业补正账户信息，3 笔涉及政策口径，7 月 9 日与财政局会商。", "", ""},
	{PostFeedback, "jtj", "道路养护合同未公开招标 3 个", "工程项目", "蒋海燕", 1, 3, "2024-09-10", "2024-07-01", "已终止 1 个合同，2 个进入重新招标", "", ""},
	{PostFeedback, "jtj", "工程招标文件设置排他性条件", "工程项目", "郑国栋", 2, 4, "2024-08-31", "2024-07-04", "清理在编招标文件 14 份，删除排他条款 9 条", "", ""},
	{PostFeedback, "xsj", "“一岗双责”清单未细化到处室", "党的建设", "韩雪梅", 2, 3, "2024-07-12", "2024-06-18", "已形成清单初稿，正在征求处室意见", "", ""},
	{PostFeedback, "czj", "财政专户清理不彻底，沉淀 2 个账户", "财务管理", "冯静", 1, 3, "2024-09-15", "2024-07-02", "1 个账户已销户，另 1 个待资金归集", "", ""},
	{PostFeedback, "zrj", "干部队伍年龄结构不合理，35 岁以下占 11%", "选人用人", "沈启航", 3, 3, "2024-08-31", "2024-07-05", "制定年轻干部培养计划，招录 6 人到岗", "2024-07-05", ""},
	{PostFeedback, "czj", "政府采购化整为零规避公开招标", "工程项目", "冯静", 3, 3, "2024-07-15", "2024-07-02", "修订采购限额管理办法，追责 2 人", "2024-07-03", "2024-07-05"},
	{PostFeedback, "czj", "往来款项长期挂账 1260 万元未清理", "财务管理", "冯静", 2, 5, "2024-06-25", "2024-06-24", "第一批 23 笔已核销，函询 12 家单位未回复", "", ""},
	{PostFeedback, "jfj", "所属企业内控制度五年未修订", "财务管理", "周明远", 1, 3, "2024-08-15", "2024-06-28", "完成制度梳理，列入修订 17 项", "", ""},
	{PostFeedback, "shj", "历次审计指出的同类问题重复发生", "审计整改", "曾庆华", 0, 0, "2024-09-30", "", "", "", ""},
	{PostFeedback, "cgj", "意识形态工作责任制落实不到位", "意识形态", "许志远", 3, 3, "2024-07-20", "2024-07-04", "专题研究 2 次，风险台账更新到位", "2024-07-04", ""},
	{PostFeedback, "shj", "机关党委换届超期 8 个月", "党的建设", "曾庆华", 2, 3, "2024-06-30", "2024-07-01", "换届请示已批复，候选人预备人选考察中", "", ""},
	{PostFeedback, "tcj", "招商政策兑现缺乏跟踪机制", "营商环境", "何东升", 1, 3, "2024-08-31", "2024-07-03", "建立政策兑现台账，录入企业 86 家", "", ""},
	{PostFeedback, "cgj", "行政处罚裁量基准未公开", "依法行政", "许志远", 1, 2, "2024-07-05", "2024-06-21", "尚在与法制机构核对裁量档次", "", ""},
	{PostFeedback, "shj", "民生项目资金闲置 320 万元", "财务管理", "曾庆华", 4, 4, "2024-07-31", "2024-07-05", "320 万元全部调整用于社区养老项目", "2024-07-05", ""},
	{PostFeedback, "xsj", "党员干部兼职取酬清理不到位", "选人用人", "韩雪梅", 3, 4, "2024-07-12", "2024-07-04", "清理兼职 5 人，退缴报酬 2.4 万元", "", ""},
	{PostFeedback, "jtj", "信访事项办理超期 12 件", "群众工作", "蒋海燕", 9, 12, "2024-07-05", "2024-07-02", "12 件中办结 9 件，3 件待第三方鉴定", "", ""},
	{PostFeedback, "zrj", "规划条件变更程序不规范", "依法行政", "罗文博", 2, 4, "2024-08-31", "2024-07-01", "补齐 6 宗地块论证材料", "", ""},
	{PostFeedback, "jtj", "在建项目安全隐患整改闭环不严", "工程项目", "蒋海燕", 0, 0, "2024-09-30", "", "", "", ""},
	{PostFeedback, "xsj", "政务数据共享率低，企业重复填报", "营商环境", "邓凯", 3, 4, "2024-07-15", "2024-07-03", "共享目录由 31 项增至 78 项", "", ""},
	{PostFeedback, "cgj", "安全生产巡查台账不实", "工作作风", "许志远", 0, 0, "2024-09-30", "", "", "", ""},
	{PostFeedback, "tcj", "编外聘用人员管理不规范", "选人用人", "何东升", 0, 0, "2024-09-30", "", "", "", ""},
}

// demoMeasures are what is usually done about a problem, in the order in which it
// is done; an item has as many as it needs.
var demoMeasures = []string{
	"全面排查，逐项核实，形成问题清单",
	"对照清单整改到位，涉及资金的清退或归集",
	"修订相关制度，明确责任人和时限",
	"举一反三，在全系统开展自查",
	"对责任人开展提醒谈话，通报情况",
	"建立月度抽查机制，结果向党组报告",
}

// demoTold is one item told in full: its own words, measures and earlier notes.
var demoTold = struct {
	title, problem, standard, source string
	measures                         []string
	owners                           []string
	results                          []string
	notes                            []struct {
		on   Day
		text string
	}
}{
	title:    "企业奖补资金拨付不及时，平均滞后 47 天",
	problem:  "2023 年以来，43 笔、3680 万元企业奖补资金未在政策承诺的 30 个工作日内拨付，平均滞后 47 天，最长 126 天，企业反映强烈。",
	standard: "43 笔全部拨付到位或依规书面说明；新流程发文执行，抽查 10 笔平均用时不超过 15 个工作日。",
	source:   "反馈意见第二部分第 3 条",
	measures: []string{"修订奖补资金拨付流程，压缩至 15 个工作日", "对 2 名责任人开展提醒谈话", "逐笔核实滞后的 43 笔，全部拨付到位", "建立拨付时限月度通报制度"},
	owners:   []string{"李慧", "陈立群", "王建", "李慧"},
	results:  []string{"新流程已印发执行", "已谈话 2 人"},
	notes: []struct {
		on   Day
		text string
	}{{"2024-06-21", "累计拨付 18 笔、1640 万元，其余 25 笔逐笔核对申报材料。"}, {"2024-06-28", "累计拨付 25 笔、2380 万元，15 笔已通知企业补正账户信息。"}},
}

// demoExtensions are the items whose dates were moved, with the date they had before,
// and those for which another date has been asked.
var demoExtensions = []struct {
	title                string
	until                Day // the first date of one granted; what is asked for of one that waits
	asked, granted       Day
	reason, words, docNo string
}{
	{"企业奖补资金拨付不及时，平均滞后 47 天", "2024-06-15", "2024-06-12", "2024-06-14", "18 笔需重新核对申报材料", "18 笔需重新核对申报材料，理由成立。不再二次延期。", "党组会议纪要〔2024〕14 号"},
	{"道路养护合同未公开招标 3 个", "2024-08-31", "2024-06-27", "2024-06-28", "重新招标须公示 20 日", "招标公示期确需，同意。", ""},
	{"财政专户清理不彻底，沉淀 2 个账户", "2024-08-31", "2024-06-25", "2024-06-26", "开户行要求先归集资金", "同意，请按月报进度。", ""},
	{"民生项目资金闲置 320 万元", "2024-07-15", "2024-06-20", "2024-06-21", "项目调整须报区财政批复", "已有批复计划，同意。", ""},
	{"党员干部兼职取酬清理不到位", "2024-07-26", "2024-07-05", "", "1 人在外地，退缴手续需其本人办理", "", ""},
	{"文件照抄照转，未结合实际细化措施", "2024-07-31", "2024-07-04", "", "发文审核办法须经局务会审议，定于 7 月 25 日", "", ""},
}

const (
	demoResult, demoOpinion = "已完成，材料归档", "经核查属实，同意销号"
	demoDocNo               = "整改〔%d〕%d 号"
)
