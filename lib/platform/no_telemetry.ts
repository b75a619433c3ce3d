/**
 * Keeps ONNX Runtime from sending usage data to its maker; import it before `onnxruntime-node`.
 *
 * Without it, version 1.30 keeps an identifier of the machine in `~/.cache`, writes a log to the
 * folder for temporary files for every process, and uploads events of its sessions.
 */

// ONNX Runtime reads the variable when it is loaded. A value that the user has set is kept.
if (!Deno.env.get("ORT_DISABLE_TELEMETRY")) Deno.env.set("ORT_DISABLE_TELEMETRY", "1");
