package views

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"duban/models"
	"duban/models/ledger"
	"duban/models/modelstest"
	"duban/views/text"
)

// trip is a register whose ledger goes out and comes back.
type trip struct {
	*modelstest.Register
	t   *testing.T
	ctx context.Context
}

func onATrip(t *testing.T, story func(t trip)) {
	modelstest.Each(t, func(t *testing.T, r *modelstest.Register) {
		if err := r.KeepTrail(t.Context(), t.TempDir(), ""); err != nil {
			t.Fatal(err)
		}
		trip := trip{r, t, context.Background()}
		trip.fill()
		story(trip)
	})
}

func (t trip) must(err error) {
	t.t.Helper()
	if err != nil {
		t.t.Fatal(err)
	}
}

// fill registers items of all the sorts a cell can spoil.
func (t trip) fill() {
	t.t.Helper()
	item := func(problem string, more models.NewItem) models.NewItem {
		more.Problem, more.RoundID, more.Tier = problem, t.Round.ID, models.PostFeedback
		if more.UnitID == 0 {
			more.UnitID = t.Unit.ID
		}
		return more
	}
	_, err := t.As(t.Office).Register(
		item("企业奖补资金拨付不及时，\n平均滞后 47 天", models.NewItem{LedgerNo: "1", Standard: "全部拨付", Category: "企业奖补 / 资金", Source: "反馈意见：第三条", Progress: "已拨付 31 笔",
			Measures: []models.Measure{{Text: "逐笔核实", Leader: "副局长", Owners: []string{"张三", "李四"}, DeadlinePhrase: "2026年6月30日前", DueOn: "2026-06-30"}, {Text: "全部拨付", Owners: []string{"处长"}, DueOn: "2026-09-30"}}}),
		item("=cmd|'/C calc'!A0 不是公式", models.NewItem{LedgerNo: "2", Leader: "书记", Department: "办公室",
			Measures: []models.Measure{{Text: "1. 清理\n2. 登记", Owners: []string{}, DeadlinePhrase: "收到反馈后2个月内", DueOn: "2026-03-26"}}}),
		item("没有措施的问题", models.NewItem{LedgerNo: "3", Leader: "副书记", Department: "财务处", Handler: "主任", DueOn: "2026-10-31"}),
		item("长期坚持的问题　全角空格", models.NewItem{Measures: []models.Measure{{Text: "开展学习", Standing: true, DueOn: "2026-12-31", Owners: []string{"科长"}}}}),
		item("限期整改而没有日期的问题", models.NewItem{Measures: []models.Measure{{Text: "研究", DeadlinePhrase: "限期整改", Ask: "no_date", Owners: []string{"科长"}}}}),
		item("什么都没有的问题", models.NewItem{}),
		item("别的单位的问题", models.NewItem{UnitID: t.Other.ID, Measures: []models.Measure{{Text: "核查", DueOn: "2026-08-31", Owners: []string{}}}}),
	)
	t.must(err)
}

// export is the ledger as this person takes it out.
func (t trip) export(u models.User) []byte {
	t.t.Helper()
	b := t.As(u)
	units, err := b.UnitsByID()
	t.must(err)
	var sheet *LedgerSheet
	frame := ExportFrame{Units: units, Today: b.Today(), Rules: b.Rules()}
	base := b.NewExportBase(text.T(t.ctx, "item.standing"))
	t.must(b.Export(models.Filter{Sort: "number"}, func(n int) (err error) {
		sheet, err = NewLedgerSheet(t.ctx, frame, ExportHead{Name: "台账"})
		return err
	}, func(r models.ExportRow) error {
		if err := base.Add(r, ToldCells(t.ctx, frame, r)); err != nil {
			return err
		}
		return sheet.Add(r)
	}))
	defer sheet.Close()
	carried, err := base.Cells()
	t.must(err)
	sheet.Carry(carried)
	var out bytes.Buffer
	_, err = sheet.WriteTo(&out)
	t.must(err)
	return out.Bytes()
}

// back is what comes of a workbook this person brings.
func (t trip) back(u models.User, content []byte, answers map[string]models.ImportAnswer) (models.Import, models.ImportPreview) {
	t.t.Helper()
	b := t.As(u)
	i := models.Import{FileName: "台账.xlsx", RoundID: t.Round.ID, Tier: models.OnTheSpot, UnitID: u.UnitID}
	i, err := b.StartImport(i, content)
	t.must(err)
	if answers != nil {
		i, err = b.Answer(i, answers)
		t.must(err)
	}
	reading, err := b.ReadImport(t.ctx, i, ledger.DefaultLimits())
	t.must(err)
	p, err := b.Preview(i, reading)
	t.must(err)
	return i, p
}

func (t trip) confirm(u models.User, i models.Import, p models.ImportPreview) models.Import {
	t.t.Helper()
	i, err := t.As(u).ConfirmImport(i, p.Reading, p.Print)
	t.must(err)
	return i
}

// said is a preview in words: what each line would change, and what it keeps.
func said(p models.ImportPreview) string {
	var all []string
	for _, l := range p.Lines {
		words := ""
		for _, c := range slices.Concat(l.Changes, l.Kept) {
			words += fmt.Sprintf(" %s%d %s %q→%q", c.Field, c.Measure, c.State, c.Ours, c.Theirs)
		}
		for _, r := range l.Refused {
			words += " " + string(r.Field) + " " + r.Key
		}
		if l.State != models.LineSame || words != "" {
			all = append(all, strings.TrimSpace(string(l.State)+" "+l.Number+words))
		}
	}
	for _, r := range p.Reading.Refused {
		for _, problem := range r.Problems {
			all = append(all, fmt.Sprintf("row %d %q %s", r.Row, r.Cells, problem.Key))
		}
	}
	for _, n := range p.Notes {
		all = append(all, n.Key+fmt.Sprint(n.Args...))
	}
	return strings.Join(all, "\n")
}

// edited is a workbook after somebody worked on it; sheet is the ledger's.
func (t trip) edited(content []byte, work func(f *excelize.File, sheet string)) []byte {
	t.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	t.must(err)
	defer f.Close()
	work(f, text.T(t.ctx, "sheet.name"))
	out, err := f.WriteToBuffer()
	t.must(err)
	return out.Bytes()
}

// cell is where a row of that number has that column.
func (t trip) cell(f *excelize.File, sheet, number, heading string, below int) string {
	t.t.Helper()
	rows, err := f.GetRows(sheet)
	t.must(err)
	for n, row := range rows {
		if n < 3 || len(row) == 0 {
			continue
		}
		at := slices.Index(rows[2], "编号")
		if at < len(row) && row[at] == number {
			name, err := excelize.CoordinatesToCellName(slices.Index(rows[2], heading)+1, n+1+below)
			t.must(err)
			return name
		}
	}
	t.t.Fatalf("no row %s", number)
	return ""
}

func (t trip) set(f *excelize.File, sheet, number, heading string, below int, value any) {
	t.t.Helper()
	t.must(f.SetCellValue(sheet, t.cell(f, sheet, number, heading, below), value))
}

func TestAnUntouchedExportChangesNothing(t *testing.T) {
	onATrip(t, func(t trip) {
		for _, language := range text.Languages() {
			t.ctx = text.In(context.Background(), language)
			for _, u := range []models.User{t.Office, t.Wu} {
				_, p := t.back(u, t.export(u), nil)
				want := 7
				if u.UnitID != nil {
					want = 6
				}
				if p.N(models.LineSame) != want || said(p) != "" || p.Asked() != 0 {
					t.t.Errorf("%s, %s: %d are the same\n%s", u.Name, language, p.N(models.LineSame), said(p))
				}
			}
		}
	})
}

// An afternoon's work on the sheet, while others work in the register: exactly one's own
// changes come in, and what both have changed is asked.
func TestAnExportComesBackAsAMerge(t *testing.T) {
	onATrip(t, func(t trip) {
		out := t.export(t.Office)
		item := t.Read(models.Item{Number: "FK-2026-001"})
		measures, err := t.As(t.Wu).Measures(item)
		t.must(err)
		_, err = t.As(t.Wu).ReviseMeasure(item, measures[1].ID, models.PlannedMeasure{Text: "全部拨付到位", Owner: "处长", DueOn: "2026-09-30"})
		t.must(err)
		three := t.Read(models.Item{Number: "FK-2026-003"})
		_, err = t.As(t.Office).CorrectItem(three, []models.Correction{{Field: ledger.FieldStandard, To: "登记簿的标准"}}, "补录")
		t.must(err)
		mine := t.edited(out, func(f *excelize.File, sheet string) {
			t.set(f, sheet, "FK-2026-001", "整改措施", 0, "逐笔核实并公示")
			t.set(f, sheet, "FK-2026-001", "整改进展", 0, "已拨付 40 笔")
			t.set(f, sheet, "FK-2026-003", "销号标准", 0, "表里的标准")
			t.set(f, sheet, "FK-2026-003", "反馈问题", 0, "没有措施的一个问题")
			t.set(f, sheet, "FK-2026-004", "责任人", 0, "")
			t.set(f, sheet, "FK-2026-002", "整改时限", 0, "2026-04-30")
		})
		want := `changed FK-2026-001 progress_text0 yours "已拨付 31 笔"→"已拨付 40 笔" measure1 yours "逐笔核实"→"逐笔核实并公示" measure2 meanwhile "全部拨付到位"→"全部拨付"
changed FK-2026-002 deadline1 yours "2026-03-26"→"2026-04-30"
changed FK-2026-003 problem0 yours "没有措施的问题"→"没有措施的一个问题" target0 both "登记簿的标准"→"表里的标准"
changed FK-2026-004 owner1 yours "科长"→""`
		_, p := t.back(t.Office, mine, nil)
		if got := said(p); got != want {
			t.t.Errorf("it says\n%s\nwant\n%s", got, want)
		}
		if p.Asked() != 1 {
			t.t.Errorf("%d are asked", p.Asked())
		}
		var key string
		for _, l := range p.Lines {
			for _, c := range l.Kept {
				if c.State == models.CellBoth {
					key = c.Key
				}
			}
		}
		i, p := t.back(t.Office, mine, map[string]models.ImportAnswer{key: {Take: models.TakeTheirs}})
		t.confirm(t.Office, i, p)
		measures, err = t.As(t.Wu).Measures(item)
		t.must(err)
		three = t.Read(three)
		if measures[0].Text != "逐笔核实并公示" || measures[1].Text != "全部拨付到位" || three.Standard != "表里的标准" || three.Problem != "没有措施的一个问题" || t.Read(models.Item{Number: "FK-2026-002"}).DueOn != "2026-04-30" {
			t.t.Errorf("%+v %+v", measures, three)
		}
		if _, p = t.back(t.Office, mine, nil); p.N(models.LineChanged) != 0 || p.N(models.LineSame) != 7 {
			t.t.Errorf("brought again it changes\n%s", said(p))
		}
	})
}

// What the unit may not change is refused at the cell, and its own work comes in; two
// colleagues who each edited a copy lose nothing of each other's.
func TestAUnitsExportComesBack(t *testing.T) {
	onATrip(t, func(t trip) {
		out := t.export(t.Wu)
		refused := t.edited(out, func(f *excelize.File, sheet string) {
			t.set(f, sheet, "FK-2026-001", "反馈问题", 0, "改了问题")
			t.set(f, sheet, "FK-2026-002", "整改时限", 0, "2026-12-31")
			t.set(f, sheet, "FK-2026-003", "整改类型", 0, "立行立改")
			t.set(f, sheet, "FK-2026-004", "编号", 0, "FK-2026-777")
			t.set(f, sheet, "FK-2026-005", "整改时限", 0, "2026-05-31")
		})
		_, p := t.back(t.Wu, refused, nil)
		for _, want := range []string{
			"problem import.not_yours", "deadline import.not_yours", string(ledger.FieldTier) + " import.not_yours", "import.number.unknown", `changed FK-2026-005 deadline1 yours`,
		} {
			if !strings.Contains(said(p), want) {
				t.t.Errorf("%s is not among\n%s", want, said(p))
			}
		}
		one := t.edited(out, func(f *excelize.File, sheet string) {
			t.set(f, sheet, "FK-2026-001", "整改进展", 0, "甲的进展")
			t.set(f, sheet, "FK-2026-001", "整改措施", 0, "甲改的措施")
		})
		two := t.edited(out, func(f *excelize.File, sheet string) {
			t.set(f, sheet, "FK-2026-001", "整改进展", 0, "乙的进展")
			t.set(f, sheet, "FK-2026-001", "整改措施", 1, "乙改的措施")
		})
		for _, copy := range [][]byte{one, two} {
			i, p := t.back(t.Wu, copy, nil)
			if p.N(models.LineChanged) != 1 || p.Asked() != 0 {
				t.t.Errorf("%s", said(p))
			}
			t.confirm(t.Wu, i, p)
		}
		item := t.Read(models.Item{Number: "FK-2026-001"})
		measures, err := t.As(t.Wu).Measures(item)
		t.must(err)
		notes, err := t.As(t.Wu).ProgressOf(item)
		t.must(err)
		if measures[0].Text != "甲改的措施" || measures[1].Text != "乙改的措施" || len(notes) != 3 {
			t.t.Errorf("%+v %+v", measures, notes)
		}
	})
}

// Rows that are gone delete nothing, a new row is a new item, and however the columns
// and rows are turned, the cells are the same.
func TestASheetThatWasRearranged(t *testing.T) {
	onATrip(t, func(t trip) {
		out := t.export(t.Wu)
		half := t.edited(out, func(f *excelize.File, sheet string) {
			for _, number := range []string{"FK-2026-005", "FK-2026-002"} {
				_, row, err := excelize.CellNameToCoordinates(t.cell(f, sheet, number, "编号", 0))
				t.must(err)
				t.must(f.RemoveRow(sheet, row))
			}
		})
		_, p := t.back(t.Wu, half, nil)
		if got := said(p); got != "import.base.missing2FK-2026-002、FK-2026-005" || p.N(models.LineSame) != 4 {
			t.t.Errorf("half of it: %d same, %q", p.N(models.LineSame), got)
		}
		added := t.edited(out, func(f *excelize.File, sheet string) {
			rows, err := f.GetRows(sheet)
			t.must(err)
			at := func(heading string) string {
				name, _ := excelize.CoordinatesToCellName(slices.Index(rows[2], heading)+1, len(rows)+1)
				return name
			}
			t.must(f.SetCellValue(sheet, at("反馈问题"), "表尾新增的一个问题"))
			t.must(f.SetCellValue(sheet, at("整改措施"), "新措施"))
			t.must(f.SetColVisible(sheet, "D", false))
			t.must(f.SetCellValue(sheet, "H3", "整改举措")) // 整改措施 by another name
			t.must(f.SetCellValue(sheet, "L3", "完成时限"))
		})
		_, p = t.back(t.Wu, added, nil)
		if p.N(models.LineNew) != 1 || p.N(models.LineSame) != 6 || said(p) != "new" {
			t.t.Errorf("a row more, headings renamed: %s", said(p))
		}
		moved := t.edited(out, func(f *excelize.File, sheet string) {
			rows, err := f.GetRows(sheet)
			t.must(err)
			merged, err := f.GetMergeCells(sheet)
			t.must(err)
			for _, m := range merged {
				t.must(f.UnmergeCell(sheet, m.GetStartAxis(), m.GetEndAxis()))
			}
			width := len(rows[2])
			filled := make([]string, width)
			var body [][]string
			for _, row := range rows[3:] { // unmerged, filled down, sorted from the end
				row = append(row, make([]string, width-len(row))...)
				for c, below := 0, row[0] == ""; c < width; c++ {
					if below && row[c] == "" {
						row[c] = filled[c]
					}
				}
				filled = slices.Clone(row)
				body = append(body, row)
			}
			slices.Reverse(body)
			for n, row := range append([][]string{rows[2]}, body...) {
				for c := range row {
					name, _ := excelize.CoordinatesToCellName(width-c, n+3)
					t.must(f.SetCellValue(sheet, name, row[c]))
				}
			}
		})
		_, p = t.back(t.Wu, moved, nil)
		if p.N(models.LineSame) != 6 || said(p) != "" {
			t.t.Errorf("columns turned and rows sorted: %d same\n%s", p.N(models.LineSame), said(p))
		}
	})
}

// A carried sheet that was tampered with or comes from elsewhere is told, and the
// ledger is known by its numbers all the same.
func TestWhatACarriedSheetIsWorth(t *testing.T) {
	onATrip(t, func(t trip) {
		out := t.export(t.Office)
		broken := t.edited(out, func(f *excelize.File, _ string) {
			words, err := f.GetCellValue(ledger.CarrySheet, "A2")
			t.must(err)
			t.must(f.SetCellValue(ledger.CarrySheet, "A2", strings.ToLower(words)))
		})
		foreign := t.edited(out, func(f *excelize.File, _ string) {
			t.must(f.SetCellValue(ledger.CarrySheet, "A1", "duban-ledger-1|duban-00000000|"))
		})
		bare := t.edited(out, func(f *excelize.File, _ string) { t.must(f.DeleteSheet(ledger.CarrySheet)) })
		for want, content := range map[string][]byte{"import.base.tampered": broken, "import.base.foreign": foreign, "": bare} {
			_, p := t.back(t.Office, content, nil)
			if p.N(models.LineNew) != 0 || p.N(models.LineSame) != 7 || said(p) != want {
				t.t.Errorf("%q: %d same\n%s", want, p.N(models.LineSame), said(p))
			}
		}
		seen := t.edited(out, func(*excelize.File, string) {})
		_, p := t.back(t.Wu, seen, nil) // the office's sheet in a unit's hands
		for _, l := range p.Lines {
			if strings.Contains(fmt.Sprint(l.Refused), t.Other.Name) && l.Ledger.Unit != t.Other.Name {
				t.t.Errorf("it tells of another unit: %+v", l.Refused)
			}
		}
	})
}

// As WPS writes it: every text in the shared strings, its own name in the properties. No
// WPS was run; this is its documented structure.
func TestASheetAsWPSWrites(t *testing.T) {
	onATrip(t, func(t trip) {
		content := t.edited(t.export(t.Wu), func(f *excelize.File, sheet string) {
			for _, name := range f.GetSheetList() {
				rows, err := f.GetRows(name)
				t.must(err)
				for n, row := range rows {
					for c, words := range row {
						at, err := excelize.CoordinatesToCellName(c+1, n+1)
						t.must(err)
						if words != "" {
							t.must(f.SetCellStr(name, at, words))
						}
					}
				}
			}
			t.set(f, sheet, "FK-2026-001", "整改进展", 0, "改过的进展")
			t.must(f.SetAppProps(&excelize.AppProperties{Application: "WPS 表格"}))
			t.must(f.SetCustomProps(excelize.CustomProperty{Name: "KSOProductBuildVer", Value: "2052-12.1.0.17827"}))
		})
		_, p := t.back(t.Wu, content, nil)
		if got := said(p); got != `changed FK-2026-001 progress_text0 yours "已拨付 31 笔"→"改过的进展"` || p.N(models.LineSame) != 5 {
			t.t.Errorf("%d same\n%s", p.N(models.LineSame), got)
		}
	})
}

// programs are what offices save a sheet with again, each told as a command that turns
// one file into another.
var programs = map[string]func(t *testing.T, folder string) *exec.Cmd{
	"libreoffice":         officeSaves("xlsx:Calc MS Excel 2007 XML"),
	"libreoffice as .xls": officeSaves("xls"),
	"libreoffice as .ods": officeSaves("ods"),
	"openpyxl": func(t *testing.T, folder string) *exec.Cmd {
		return exec.Command("/usr/bin/python3", "-c", "import openpyxl,sys; b=openpyxl.load_workbook(sys.argv[1]); b.save(sys.argv[2])", folder+"/in.xlsx", folder+"/out/in.xlsx")
	},
	"exceljs": func(t *testing.T, folder string) *exec.Cmd {
		cmd := exec.Command("node", "-e", "const E=require('exceljs');const b=new E.Workbook();b.xlsx.readFile(process.argv[1]).then(()=>b.xlsx.writeFile(process.argv[2]))", folder+"/in.xlsx", folder+"/out/in.xlsx")
		cmd.Env = append(os.Environ(), "NODE_PATH=/usr/local/lib/node_modules:/usr/lib/node_modules:/usr/share/nodejs")
		return cmd
	},
}

// officeSaves is LibreOffice saving in a format.
func officeSaves(format string) func(t *testing.T, folder string) *exec.Cmd {
	return func(_ *testing.T, folder string) *exec.Cmd {
		return exec.Command("soffice", "--headless", "-env:UserInstallation=file://"+folder+"/profile", "--convert-to", format, "--outdir", folder+"/out", folder+"/in.xlsx")
	}
}

// there says whether a program is there; under DUBAN_TEST_REQUIRE it has to be.
func there(t *testing.T, name string) bool {
	t.Helper()
	check := map[string]*exec.Cmd{
		"libreoffice": exec.Command("soffice", "--version"), "openpyxl": exec.Command("/usr/bin/python3", "-c", "import openpyxl"),
		"exceljs": programs["exceljs"](t, "/nowhere"),
	}[name]
	if name == "exceljs" {
		check.Args = []string{"node", "-e", "require('exceljs')"}
	}
	if err := check.Run(); err != nil {
		if slices.Contains(strings.Split(os.Getenv("DUBAN_TEST_REQUIRE"), ","), name) {
			t.Fatalf("%s is not there: %v; .ci/needs.sh installs it", name, err)
		}
		t.Skipf("%s is not there; .ci/needs.sh installs it", name)
		return false
	}
	return true
}

func TestASheetThatAnotherProgramSaved(t *testing.T) {
	for name, run := range programs {
		t.Run(name, func(t *testing.T) {
			if program, _, _ := strings.Cut(name, " "); !there(t, program) {
				return
			}
			onATrip(t, func(t trip) {
				folder := t.t.TempDir()
				t.must(os.MkdirAll(filepath.Join(folder, "out"), 0o700))
				mine := t.edited(t.export(t.Wu), func(f *excelize.File, sheet string) {
					t.set(f, sheet, "FK-2026-001", "整改进展", 0, "改过的进展")
				})
				t.must(os.WriteFile(filepath.Join(folder, "in.xlsx"), mine, 0o600))
				if out, err := run(t.t, folder).CombinedOutput(); err != nil {
					t.t.Fatalf("%v\n%s", err, out)
				}
				made, err := filepath.Glob(filepath.Join(folder, "out", "*"))
				if err != nil || len(made) != 1 {
					t.t.Fatalf("made %v, %v", made, err)
				}
				content, err := os.ReadFile(made[0])
				t.must(err)
				_, p := t.back(t.Wu, content, nil)
				if got := said(p); got != `changed FK-2026-001 progress_text0 yours "已拨付 31 笔"→"改过的进展"` || p.N(models.LineSame) != 5 {
					t.t.Errorf("%d same\n%s", p.N(models.LineSame), got)
				}
			})
		})
	}
}

// What only tells is taken from nobody: whoever writes over it reads at the cell that it
// is not taken, and where it is changed. What nobody touched says nothing.
func TestACellThatOnlyTells(t *testing.T) {
	onATrip(t, func(t trip) {
		for heading, to := range map[string]string{"读作日期": "2026-12-31", "措施成果": "已拨付完毕", "整改状态": "已销号", "首次确定日": "2026-01-01", "超期天数": "99"} {
			changed := t.edited(t.export(t.Office), func(f *excelize.File, sheet string) { t.set(f, sheet, "FK-2026-001", heading, 0, to) })
			_, p := t.back(t.Office, changed, nil)
			var told []ledger.CellProblem
			for _, l := range p.Lines {
				for _, c := range l.Ledger.Problems {
					if c.Key == "import.told" {
						told = append(told, c)
					}
				}
			}
			if len(told) != 1 || told[0].Args[0] != heading || told[0].Args[2] != to || told[0].Row == 0 || p.N(models.LineChanged) != 0 || p.Asked() != 1 {
				t.t.Errorf("%s: %+v, %s", heading, told, said(p))
			}
		}
	})
}
