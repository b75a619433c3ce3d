/**
 * The shell functions of all jobs: state, log, and what signals mean.
 *
 * They are shell and not TypeScript so that a person can read, change and submit the scripts, and so
 * that nothing stands between the scheduler and Deno: signals reach the batch script, which starts
 * Deno in the background and passes them on. USR1 means that the time is nearly up: the command saves
 * its state, and the job is queued again if it got further than before. TERM ends
 * it for good: it saves its state and is not queued again.
 */

/** Name of the file in the launch's folder. */
export const jobScriptName = "job.sh";

/** Text of the file. */
export const jobScript = `# Common to the scripts of all jobs. Written by nnunet launch.
#
# state/JOB is a line of JSON that says how the job is, logs/JOB.txt what its attempts printed.

asked=
child=
interrupted=
# A signal may arrive before there is anything to stop.
trap 'asked=\${asked:-again}; interrupted=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' USR1
# A pod gets TERM when its time is up or its machine is needed, and is made again unless it failed.
trap 'asked=\${NNUNET_LAUNCH_WAITS:+again}; asked=\${asked:-stop}; interrupted=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT HUP

say() {
  echo "$(date '+%Y-%m-%d %H:%M:%S') $*"
}

# field_of JOB NAME: a field of the job's state, nothing if it has none.
field_of() {
  sed -n "s/.*\\"$2\\": *\\"\\{0,1\\}\\([^\\",}]*\\).*/\\1/p" "$launch/state/$1" 2>/dev/null
}

# write_state STATE CODE [REASON]: beside the old one, and renamed.
write_state() {
  printf '{"state": "%s", "code": %d, "attempt": %d, "host": "%s", "pid": %d, "begun": "%s", "id": "%s", "started": %d, "time": %d, "reason": "%s"}\\n' \\
    "$1" "$2" "$attempt" "$(hostname)" $$ "$begun" "$id" "$started" "$(date +%s)" "\${3:-}" \\
    >"$launch/state/.$job.$$" && mv -f "$launch/state/.$job.$$" "$launch/state/$job"
}

# begin: logs from here on, and ends if the job is done.
begin() {
  mkdir -p "$launch/state" "$launch/logs"
  exec >>"$launch/logs/$job.txt" 2>&1
  case $(field_of "$job" state) in
    done | left_out)
      say "$job is done already"
      exit 0
      ;;
  esac
  attempt=$(field_of "$job" attempt)
  attempt=$((\${attempt:-0} + 1))
  started=$(date +%s)
  # With its number, this tells the process from a later one.
  begun=$(cut -d ' ' -f 22 /proc/$$/stat 2>/dev/null)
  id=\${SLURM_ARRAY_JOB_ID:+\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID}
  id=\${id:-\${SLURM_JOB_ID:-}}
  say "$job, attempt $attempt on $(hostname)\${id:+, job $id}"
}

# fail CODE REASON
fail() {
  say "$job failed: $2"
  write_state failed "$1" "$2"
  exit 1
}

# need JOB…: ends unless all are done. Shared folders may show a state late, so Slurm's jobs, which
# start after what they need, wait for a minute.
need() {
  for needed; do
    left=0
    [ -z "\${SLURM_JOB_ID:-}" ] || left=60
    until case $(field_of "$needed" state) in done | left_out) true ;; *) false ;; esac; do
      found=$(field_of "$needed" state)
      if [ $left -le 0 ]; then
        case \${NNUNET_LAUNCH_WAITS:-}$found in
          waits | waitsrunning | waitsagain)
            say "$job waits for $needed"
            exit 75
            ;;
        esac
        fail 1 "it needs $needed, which is \${found:-not run}"
      fi
      left=$((left - 1))
      sleep 1
    done
  done
}

# only_if_planned CONFIGURATION PLANS: ends if the plans lack it.
only_if_planned() {
  [ -r "$2" ] || fail 1 "there is no $2"
  if ! grep -q "\\"$1\\": *{" "$2"; then
    say "$job is left out: $1 is not in $2"
    write_state left_out 0 "$1 is not in the plans"
    exit 0
  fi
}

# Whether the command saved something since it began.
has_progress() {
  [ -n "$(find "$saves" -name "$saved" -type f -newer "$launch/state/.$job.begun" \\
    -not -path "$launch/*" -print 2>/dev/null |
    head -n 1)" ]
}

# Slurm starts the job anew under its number. Other schedulers have a command of their template for
# it, or take the exit code 75 as the wish.
requeue() {
  if [ -n "\${NNUNET_LAUNCH_AGAIN:-}" ]; then
    bash -c "$NNUNET_LAUNCH_AGAIN" || fail 75 "$NNUNET_LAUNCH_AGAIN failed"
    return
  fi
  # The number of the process that Slurm started, which a script run by hand within a job is not.
  [ "\${SLURM_TASK_PID:-}" = $$ ] || return 0
  scontrol requeue "$id" || fail 75 "Slurm did not queue it again"
}

# run ARGUMENTS…: runs nnunet, and says in the job's state how it ended.
run() {
  : >"$launch/state/.$job.begun"
  # A process that was lost with its machine holds its lock for three minutes.
  [ "$attempt" = 1 ] || export NNUNET_LOCK_PATIENCE=240
  write_state running 0
  code=75
  if [ -z "$asked" ]; then
    "\${nnunet[@]}" "$@" &
    child=$!
    # A signal that came just now found no child.
    [ -z "$asked" ] || kill -TERM "$child" 2>/dev/null
    code=
    while :; do
      interrupted=
      wait "$child"
      ended=$?
      # The number of a process that was waited for before is unknown.
      [ -n "$code" ] && [ $ended = 127 ] || code=$ended
      [ -n "$interrupted" ] || break
    done
    child=
  fi
  case $code:$asked in
    0:*)
      say "$job is done"
      write_state done 0
      exit 0
      ;;
    75:again)
      has_progress || fail 75 "its time was up before it saved anything: give it more time"
      say "$job is queued again: its time is nearly up, its state is saved"
      write_state again 75
      requeue
      exit 75
      ;;
    75:*)
      say "$job was stopped; its state is saved"
      write_state stopped 75
      exit 75
      ;;
  esac
  say "$job failed. To repeat it: bash $(printf %q "$launch/$script") $place"
  if [ "$code" -gt 128 ]; then
    fail "$code" "it was ended by signal $((code - 128)), 9 perhaps for lack of memory"
  fi
  fail "$code" "exit code $code"
}
`;
