// The AWS CLI and what it reaches of ECS, ECR, CloudFormation, CloudWatch and the autoscaler, as a function from a call to
// what it answers. ECS takes a step each time that its services are described: a deployment is then done, or given up.
const OUTPUTS = {
  Region: "eu-central-1",
  DeployRole: "arn:aws:iam::123456789012:role/deploy",
  ExecutionRole: "arn:aws:iam::123456789012:role/execution",
  TaskRole: "arn:aws:iam::123456789012:role/task",
  Images: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders-production",
  LogGroup: "/ecs/orders-production",
  Secret: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-production-AbCdEf",
  Subnets: "subnet-1,subnet-2",
  SecurityGroup: "sg-1",
  TargetGroup: "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/t/1",
  TargetGroupName: "targetgroup/t/1",
  LoadBalancerName: "app/l/1",
};

class Refused extends Error {}

/** Answers one call of `program`, aws or docker, and changes `all`: what there is, what fails, and the calls so far. */
export function call(all, program, argv) {
  const line = [program, ...argv].join(" ");
  all.calls.push(line);
  const word = Object.keys(all.faults).find((key) => Number.isNaN(Number(key)) && line.includes(key));
  const fault = all.faults[all.calls.length] ?? all.faults[word];
  if (fault === "fail") return { status: 1, output: "the stand-in fails this call\n" };
  let done;
  try {
    const answer = program === "docker" ? docker(all, argv) : aws(all, argv);
    done = { status: 0, output: answer === undefined ? "" : typeof answer === "string" ? answer : `${JSON.stringify(answer)}\n` };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    done = { status: 254, output: `An error occurred: ${error.message}\n` };
  }
  return fault === "kill after" ? { ...done, status: "kill" } : done;
}

function docker(all, argv) {
  if (argv[0] === "login") return "Login Succeeded\n";
  if (argv.slice(0, 3).join(" ") !== "buildx imagetools create") throw new Refused(`docker does not know ${argv.join(" ")}`);
  const image = argv.at(-1);
  if (all.lost.includes(image)) throw new Refused(`${image}: not found`);
  all.images.push(image.split("@")[1]);
}

function aws(all, argv) {
  const option = (name) => argv[argv.indexOf(`--${name}`) + 1];
  const given = () => {
    const input = JSON.parse(option("cli-input-json"));
    all.inputs.push({ operation: argv[1], input });
    return input;
  };
  const service = (name) => all.services[name] ?? refuse(`no service ${name}`);
  switch (argv.slice(0, 2).join(" ")) {
    case "cloudformation describe-stacks": {
      const outputs = Object.entries({ ...OUTPUTS, ...all.outputs }).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
      return { Stacks: [{ StackName: option("stack-name"), StackStatus: all.stack, Outputs: outputs }] };
    }
    case "ecr describe-images":
      if (!all.images.includes(option("image-ids").split("=")[1])) throw new Refused("ImageNotFoundException");
      return { imageDetails: [{}] };
    case "ecr get-login-password":
      return "password\n";
    case "logs tail":
      return "last words of the task\n";
    case "ecs list-tasks":
      if (argv.includes("--service-name")) return { taskArns: all.stopped.filter((it) => it.service === option("service-name")).map((it) => it.taskArn) };
      return { taskArns: Object.keys(all.tasks).filter((arn) => all.tasks[arn] === "RUNNING") };
    case "ecs run-task": {
      const { taskDefinition, startedBy } = given();
      if (!/^[A-Za-z0-9/_-]{1,128}$/.test(startedBy)) throw new Refused("InvalidParameterException: startedBy");
      if (all.noCapacity) return { tasks: [], failures: [{ reason: "Capacity is unavailable at this time" }] };
      const arn = `arn:aws:ecs:eu-central-1:123456789012:task/orders-production/${Object.keys(all.tasks).length}`;
      const digest = image(all, taskDefinition).split("@")[1];
      all.tasks[arn] = all.endless ? "RUNNING" : all.badMigrations.some((bad) => bad.endsWith(digest)) ? 1 : 0;
      return { tasks: [{ taskArn: arn }], failures: [] };
    }
    case "ecs describe-tasks": {
      const ended = all.stopped.filter((it) => argv.includes(it.taskArn));
      if (ended.length > 0) return { tasks: ended };
      const state = all.tasks[option("tasks")];
      const tasks = [state === "RUNNING" ? { lastStatus: state, containers: [{}] } : stopped(state)];
      return { tasks };
    }
    case "ecs stop-task":
      all.tasks[option("task")] = 137;
      return {};
    case "ecs register-task-definition": {
      const input = given();
      const revision = all.definitions.filter((it) => it.family === input.family).length + 1;
      all.definitions.push({ ...input, revision });
      return { taskDefinition: { family: input.family, revision } };
    }
    case "ecs describe-task-definition": {
      const found = definition(all, option("task-definition"));
      return { taskDefinition: found, tags: found.tags };
    }
    case "ecs describe-services": {
      if (all.before && all.lag-- > 0) return { services: all.before, failures: [] };
      const known = Object.values(all.services).filter((it) => argv.includes(it.serviceName));
      for (const it of known) step(all, it);
      return { services: known.map(shown), failures: [] };
    }
    case "ecs create-service": {
      const input = given();
      all.before = Object.values(all.services).map(shown);
      if (all.services[input.serviceName]) throw new Refused("Creation of service was not idempotent");
      const made = { serviceName: input.serviceName, desired: input.desiredCount, tags: {}, deployments: [], last: null };
      all.services[input.serviceName] = made;
      begin(all, made, input.taskDefinition);
      return { service: shown(made) };
    }
    case "ecs update-service": {
      const input = argv.includes("--cli-input-json") ? given() : { service: option("service"), taskDefinition: option("task-definition") };
      all.before = Object.values(all.services).map(shown);
      const changed = service(input.service);
      if (argv.includes("--desired-count")) changed.desired = Number(option("desired-count"));
      else changed.desired = input.desiredCount ?? changed.desired;
      if (primary(changed)?.taskDefinition !== input.taskDefinition || argv.includes("--force-new-deployment")) begin(all, changed, input.taskDefinition);
      return { service: shown(changed) };
    }
    case "ecs tag-resource": {
      const tags = argv.slice(argv.indexOf("--tags") + 1).map((tag) => tag.match(/^key=(.*),value=(.*)$/).slice(1));
      Object.assign(service(option("resource-arn").split("/").at(-1)).tags, Object.fromEntries(tags));
      return {};
    }
    case "application-autoscaling describe-scalable-targets":
      return { ScalableTargets: all.scaled ? [{}] : [] };
    case "application-autoscaling deregister-scalable-target":
      all.scaled = false;
      return {};
    case "application-autoscaling register-scalable-target":
    case "application-autoscaling put-scaling-policy":
      all.scaled = true;
      return {};
    case "cloudwatch get-metric-data":
      all.inputs.push({ operation: argv[1], input: JSON.parse(option("metric-data-queries")) });
      return { MetricDataResults: Object.entries(all.metrics).map(([Id, Values]) => ({ Id, Values })) };
  }
  throw new Refused(`the stand-in does not know: ${argv.join(" ")}`);
}

const refuse = (message) => {
  throw new Refused(message);
};

const stopped = (exitCode) => ({ lastStatus: "STOPPED", containers: [{ exitCode }], stoppedReason: "Essential container in task exited" });

function definition(all, name) {
  const [family, revision] = name.split(":");
  return all.definitions.find((it) => it.family === family && it.revision === Number(revision)) ?? refuse(`no task definition ${name}`);
}

/** The image that a task definition runs. */
export const image = (all, name) => definition(all, name).containerDefinitions[0].image;

const primary = (service) => service.deployments.find((it) => it.status === "PRIMARY");

function begin(all, service, taskDefinition) {
  definition(all, taskDefinition);
  for (const it of service.deployments) it.status = "ACTIVE";
  const id = `ecs-svc/${++all.serial}`;
  service.deployments.unshift({ id, status: "PRIMARY", taskDefinition, rolloutState: "IN_PROGRESS" });
}

/** What ECS does of itself: the tasks become healthy, or the circuit breaker puts back what was steady before. */
function step(all, service) {
  const now = primary(service);
  if (now.rolloutState !== "IN_PROGRESS") return;
  const digest = image(all, now.taskDefinition).split("@")[1];
  if (all.slow.some((it) => it.endsWith(digest))) return;
  if (!all.broken.some((it) => it.endsWith(digest))) {
    now.rolloutState = "COMPLETED";
    service.last = now.taskDefinition;
    service.deployments = [now];
    return;
  }
  now.rolloutState = "FAILED";
  now.rolloutStateReason = "ECS deployment circuit breaker: tasks failed to start.";
  if (service.last) begin(all, service, service.last);
}

const shown = ({ serviceName, desired, tags, deployments }) => ({
  serviceName,
  serviceArn: `arn:aws:ecs:eu-central-1:123456789012:service/orders-production/${serviceName}`,
  status: "ACTIVE",
  desiredCount: desired,
  networkConfiguration: {},
  tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  events: [{ message: `(service ${serviceName}) says what happened` }],
  deployments: deployments.map((it) => ({ ...it, taskDefinition: `arn:aws:ecs:eu-central-1:123456789012:task-definition/${it.taskDefinition}` })),
});
