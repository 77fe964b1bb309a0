import { Module } from '@nestjs/common';
import { BlueprintsModule } from '../blueprints/index.js';
import { DirectStoring } from './buffer/direct-storing.js';
import { FlushRequests } from './buffer/flush-requests.js';
import { FlushRounds } from './buffer/flush-rounds.js';
import { MovementBuffer } from './buffer/movement-buffer.js';
import { MovementFlusher } from './buffer/movement-flusher.js';
import { MovementLists } from './buffer/movement-lists.js';
import { MovementState } from './buffer/movement-state.js';
import { RawEvents } from './buffer/raw-events.js';
import { WaitingEvents } from './buffer/waiting-events.js';
import { DigestTask } from './digest/digest-task.js';
import { FloorDigest } from './digest/floor-digest.js';
import { EvidenceReader } from './evidence/evidence.reader.js';
import { EvidenceService } from './evidence/evidence.service.js';
import { EvidenceNoter } from './evidence/evidence-noter.js';
import { FloorFiguresService } from './figures/floor-figures.service.js';
import { MovementIntake } from './intake/movement-intake.js';
import { DeadLettersService } from './letters/dead-letters.service.js';
import { EventMover } from './linking/event-mover.js';
import { LinkingChore } from './linking/linking.chore.js';
import { LinkingService } from './linking/linking.service.js';
import { UnmappedNamesReader } from './linking/unmapped-names.reader.js';
import { MovementWork } from './movement-work.js';
import { MovementsService } from './movements.service.js';
import { ErasureService } from './privacy/erasure.service.js';
import { UserIds } from './privacy/user-ids.js';
import { MovementListService } from './reading/movement-list.service.js';
import { DeadLetters } from './storing/dead-letters.js';
import { MovementRetention } from './storing/movement-retention.js';
import { MovementWriter } from './storing/movement.writer.js';
import { StoresModule } from '../stores/stores.module.js';

/** What the cameras of the stores see: taken, kept once, and given a meaning by the layout in force. */
@Module({
  imports: [StoresModule, BlueprintsModule],
  providers: [
    DeadLetters,
    DeadLettersService,
    DigestTask,
    DirectStoring,
    ErasureService,
    EventMover,
    FloorDigest,
    FloorFiguresService,
    FlushRequests,
    FlushRounds,
    LinkingChore,
    LinkingService,
    MovementBuffer,
    MovementFlusher,
    MovementIntake,
    MovementListService,
    MovementLists,
    MovementRetention,
    MovementsService,
    MovementState,
    MovementWork,
    MovementWriter,
    RawEvents,
    UnmappedNamesReader,
    UserIds,
    WaitingEvents,
    EvidenceNoter,
    EvidenceReader,
    EvidenceService,
  ],
  exports: [
    DeadLettersService,
    ErasureService,
    LinkingService,
    MovementIntake,
    MovementListService,
    MovementsService,
    EvidenceReader,
    EvidenceService,
    FloorFiguresService,
  ],
})
export class MovementsModule {}
