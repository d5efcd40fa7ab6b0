use crate::plan::{Plan, plan};
use crate::spec::{Answers, Spec};

fn planned(assignments: &[&str]) -> Plan {
    let mut answers = Answers::default();
    for assignment in ["project.name=orders"].iter().chain(assignments) {
        answers.set_from_flag(assignment).unwrap();
    }
    plan(&Spec::new(answers).unwrap()).unwrap()
}

const CLUSTER: [&str; 3] = ["scale.peak-rps=12000", "scale.trough-rps=1500", "scale.db-max-connections=1000"];

fn on(cloud: &str) -> Plan {
    planned(&[&CLUSTER[..], &[&format!("deploy.cloud={cloud}")]].concat())
}

fn cost<'a>(plan: &'a Plan, name: &str) -> &'a str {
    let component = plan.costs.components.iter().find(|it| it.name == name);
    component.map_or("no component", |it| it.text.as_str())
}

#[test]
fn one_machine_costs_its_cores_and_its_traffic() {
    let plan = planned(&["deploy.environments=production"]);
    let names: Vec<&str> = plan.costs.components.iter().map(|it| it.name).collect();
    assert_eq!(names, ["Machines", "Traffic out of the machine"]);
    // Two cores: 2 x 730 hours at 0.00545 to 0.0192 dollars.
    assert_eq!(cost(&plan, "Machines"), "$7 to $28");
}

#[test]
fn a_cluster_costs_control_plane_nodes_and_services() {
    let plan = on("aws");
    assert_eq!(cost(&plan, "Control plane"), "$73 to $95");
    // 19.5 to 30 pods of one core on nodes with 15 to 50 % more, 730 hours at 0.0408 to 0.0624 dollars.
    assert_eq!(cost(&plan, "Nodes"), "$660 to $2,100");
    assert!(plan.costs.not_priced.is_empty(), "{:?}", plan.costs.not_priced);
}

#[test]
fn what_has_no_price_says_so_and_is_not_counted() {
    let gcp = on("gcp");
    assert_eq!(gcp.costs.not_priced, ["Database storage"]);
    assert_eq!(cost(&gcp, "Database storage"), "not priced");
    assert!(
        gcp.costs.total_text.ends_with("and what has no price here (database storage)"),
        "{}",
        gcp.costs.total_text
    );
    let azure = on("azure");
    assert_eq!(azure.costs.total, None);
    assert_eq!(azure.costs.total_text, "not priced");
    assert!(azure.costs.components.iter().all(|it| it.text == "not priced"));
}

#[test]
fn the_neighbours_are_the_next_platforms_down_and_up() {
    let told = |plan: &Plan| -> Vec<String> {
        plan.costs.alternatives.iter().map(|it| format!("{} {}", it.direction, it.platform)).collect()
    };
    let small = planned(&["deploy.cloud=gcp"]);
    assert_eq!(told(&small), ["larger Cloud Run"]);
    assert!(small.costs.alternatives[0].total.is_some());
    assert_eq!(told(&on("aws")), ["smaller ECS on Fargate"]);
    let rented = planned(&[]);
    assert!(rented.costs.alternatives[0].text.ends_with("at the prices of AWS"));
}

#[test]
fn more_load_never_costs_less() {
    let mut last = 0;
    for peak in [100, 1000, 5000, 12_000, 50_000, 200_000] {
        let peak = format!("scale.peak-rps={peak}");
        let plan = planned(&[
            "deploy.cloud=aws",
            "deploy.kubernetes-because=x",
            "scale.db-max-connections=100000",
            "scale.trough-rps=10",
            &peak,
        ]);
        let total = plan.costs.total.unwrap();
        assert!(total.low() >= last && total.low() < total.high(), "{peak}: {total}");
        last = total.low();
    }
}

#[test]
fn two_zones_are_paid_where_the_target_demands_them() {
    let of = |availability: &str| {
        let answer = format!("scale.availability={availability}");
        let plan = planned(&[&CLUSTER[..], &["deploy.cloud=aws", &answer]].concat());
        let component = plan.costs.components.into_iter().find(|it| it.name == "Managed PostgreSQL").unwrap();
        component.cost.unwrap()
    };
    let (plain, high) = (of("99.9"), of("99.95"));
    assert_eq!(plain.high(), high.high());
    assert!(plain.low() < high.low());
}
