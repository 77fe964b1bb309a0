import { statfsSync } from 'node:fs';
import { totalmem } from 'node:os';

const MIB = 1024 * 1024;

/**
 * The server's settings: reachable by loopback TCP alone, durable, sized for loads of a few million rows.
 * @param logDirectory where the server writes its log
 * @param overrides settings that win
 */
export function serverSettings(
  logDirectory: string,
  overrides: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    timezone: 'UTC',
    shared_buffers: `${Math.max(32, Math.min(256, Math.floor(totalmem() / 8 / MIB)))}MB`,
    maintenance_work_mem: '128MB',
    // A load of millions of rows must not be cut into checkpoints.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    random_page_cost: '1.1',
    jit: 'off',
    logging_collector: 'on',
    log_directory: logDirectory,
    log_filename: 'server-%Y%m%d-%H%M%S.log',
    log_rotation_age: '1d',
    log_rotation_size: '10MB',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %a ',
    ...(hasSmallSharedMemory() ? { dynamic_shared_memory_type: 'mmap' } : {}),
    ...overrides,
  };
}

/** Containers get 64 MB of /dev/shm by default, and a parallel query that asks for more fails. */
function hasSmallSharedMemory(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const { blocks, bsize } = statfsSync('/dev/shm');
    return blocks * bsize < 256 * MIB;
  } catch {
    // No /dev/shm at all: files do instead.
    return true;
  }
}
