import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A store that some file or poll has named. */
@Entity('stores')
export class Store {
  @PrimaryGeneratedColumn('identity', { name: 'store_key', type: 'integer', generatedIdentity: 'ALWAYS' })
  key: number;

  /** Opaque text, never a number. */
  @Column('text', { name: 'store_id' })
  id: string;

  /** Canonical IANA name; null where no file names one, and the default applies. */
  @Column('text', { nullable: true })
  zone: string | null;

  /** Rows of hours came and every one was rejected: it counts as open around the clock. */
  @Column('boolean', { name: 'hours_rejected', default: false })
  hoursRejected: boolean;

  /** Microseconds since 1970; int8 comes as text from the driver. Null: never polled. */
  @Column('bigint', { name: 'first_poll_us', nullable: true })
  firstPollUs: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
